import { errnoMeaning } from '../lib/durable/errno.ts';
import { HttpClient, HttpError, type HttpResponse } from '../lib/http/client.ts';
import { readSecretFile } from '../lib/schema/schema.ts';
import { withCaret } from './caret.ts';
import { CommandError, EXIT } from './exit.ts';
import type { OutputFormat } from './output.ts';

/** What every command that asks a running crowsnest takes. */
export interface AskOptions {
  readonly url: string;
  readonly tokenFile?: string;
  readonly output: OutputFormat;
}

type Parameters = Readonly<Record<string, string | number | undefined>>;

/** A running crowsnest, or any Prometheus-compatible API, as the commands that look ask it. */
export class ApiClient {
  readonly #base: string;
  readonly #http: HttpClient;

  constructor({ url, tokenFile }: Pick<AskOptions, 'url' | 'tokenFile'>) {
    this.#base = url.replace(/\/$/, '');
    this.#http = new HttpClient(tokenFile === undefined ? {} : { bearer_token: readToken(tokenFile) });
  }

  /** Returns the `data` of Prometheus' envelope. @throws {CommandError} with the server's message, or where nothing answers. */
  async data<T>(path: string, parameters: Parameters = {}): Promise<T> {
    const given = Object.entries(parameters).filter(
      (entry): entry is [string, string | number] => entry[1] !== undefined,
    );
    const query = new URLSearchParams(given.map(([key, value]) => [key, String(value)])).toString();
    const response = await this.#get(`${this.#base}${path}${query === '' ? '' : `?${query}`}`);
    const body = envelopeOf(response);
    if (body === undefined)
      throw new CommandError(
        EXIT.problem,
        `${this.#base}${path} returned ${response.status} and no JSON: is that a crowsnest?`,
      );
    if (body.status !== 'success') {
      const message = body.error ?? `${this.#base}${path} returned ${response.status}`;
      throw new CommandError(EXIT.problem, withCaret(message, String(parameters.query ?? '')));
    }
    return body.data as T;
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

interface Envelope {
  readonly status?: unknown;
  readonly data?: unknown;
  readonly error?: string;
}

function envelopeOf({ body }: HttpResponse): Envelope | undefined {
  try {
    const value: unknown = JSON.parse(body.toString());
    return value !== null && typeof value === 'object' ? value : undefined;
  } catch {
    return undefined;
  }
}

function readToken(file: string): string {
  try {
    return readSecretFile(file);
  } catch (error) {
    throw new CommandError(EXIT.usage, `--token-file ${file}: ${errnoMeaning(error) ?? String(error)}`);
  }
}
