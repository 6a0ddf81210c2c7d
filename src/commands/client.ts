import { HttpClient, HttpError, type HttpResponse } from '../lib/http-client.ts';
import { readSecretFile } from '../lib/schema.ts';
import { CommandError, EXIT } from './exit.ts';

export interface ClientOptions {
  readonly url: string;
  readonly tokenFile?: string;
}

/** A running crowsnest, or any Prometheus-compatible API, as the commands that look ask it. */
export class ApiClient {
  readonly #base: string;
  readonly #http: HttpClient;

  constructor({ url, tokenFile }: ClientOptions) {
    this.#base = url.replace(/\/$/, '');
    this.#http = new HttpClient(tokenFile === undefined ? {} : { bearer_token: readSecretFile(tokenFile) });
  }

  /** The `data` of Prometheus' envelope. @throws {CommandError} with the server's words, or when nobody answers. */
  async data<T>(path: string, parameters: Readonly<Record<string, string | number | undefined>> = {}): Promise<T> {
    const body = (await this.json(path, parameters)) as { status: string; data: T; error?: string };
    if (body.status !== 'success')
      throw new CommandError(EXIT.problem, body.error ?? `the answer's status is ${body.status}`);
    return body.data;
  }

  async json(path: string, parameters: Readonly<Record<string, string | number | undefined>> = {}): Promise<unknown> {
    const given = Object.entries(parameters).filter(
      (entry): entry is [string, string | number] => entry[1] !== undefined,
    );
    const query = new URLSearchParams(given.map(([key, value]) => [key, String(value)])).toString();
    const url = `${this.#base}${path}${query === '' ? '' : `?${query}`}`;
    const response = await this.#get(url);
    try {
      return JSON.parse(response.body.toString());
    } catch {
      throw new CommandError(EXIT.problem, `${url} answered ${response.status} and no JSON: is that a crowsnest?`);
    }
  }

  async #get(url: string): Promise<HttpResponse> {
    try {
      return await this.#http.request({ url, timeout: 130_000 });
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      throw new CommandError(
        EXIT.unreachable,
        `${error.message}\nis crowsnest running there? \`--url\` or CROWSNEST_URL names another address`,
      );
    } finally {
      this.#http.close();
    }
  }
}
