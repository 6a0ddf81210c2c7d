import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { HttpClient, HttpError, type HttpResponse } from '../../../lib/http/client.ts';
import type { ElasticsearchConfig } from './config.ts';

const compress = promisify(gzip);
const BULK = '/_bulk?filter_path=took,errors,items.*.status,items.*.error';

/** Plain HTTP with plain media types, which Elasticsearch 7 to 9 and OpenSearch understand alike. */
export class SearchClient {
  readonly #config: ElasticsearchConfig;
  readonly #http: HttpClient;
  #host = 0;

  constructor(config: ElasticsearchConfig) {
    this.#config = config;
    const { api_key_file: keyFile, basic_auth, tls_config, http_headers } = config;
    const authorization = keyFile === undefined ? undefined : { type: 'ApiKey', credentials_file: keyFile };
    this.#http = new HttpClient({ basic_auth, tls_config, http_headers, authorization, follow_redirects: false });
  }

  /** @throws {HttpError} where there is no answer, after which the next host is asked. */
  async bulk(body: Buffer, signal: AbortSignal): Promise<HttpResponse> {
    const { compression_level: level } = this.#config;
    const headers = { 'content-type': 'application/x-ndjson', accept: 'application/json' };
    if (level === 0) return this.#request('POST', BULK, signal, body, headers);
    const packed = await compress(body, { level });
    return this.#request('POST', BULK, signal, packed, { ...headers, 'content-encoding': 'gzip' });
  }

  /** A small question. @throws {HttpError} */
  async ask(path: string, signal: AbortSignal, question?: unknown): Promise<HttpResponse> {
    const headers = { accept: 'application/json', 'content-type': 'application/json' };
    if (question === undefined) return this.#request('GET', path, signal, undefined, { accept: headers.accept });
    return this.#request('POST', path, signal, JSON.stringify(question), headers);
  }

  close(): void {
    this.#http.close();
  }

  async #request(
    method: string,
    path: string,
    signal: AbortSignal,
    body: Uint8Array | string | undefined,
    headers: Record<string, string>,
  ): Promise<HttpResponse> {
    const { elasticsearch: hosts, request_timeout: timeout } = this.#config;
    const host = this.#host;
    try {
      const url = hosts[host].replace(/\/$/, '') + path;
      const response = await this.#http.request({
        url,
        method,
        headers,
        body,
        timeout,
        signal,
        repeatable: path !== BULK,
      });
      if (response.status >= 500) this.#leave(host);
      return response;
    } catch (error) {
      if (!signal.aborted) this.#leave(host);
      throw error;
    }
  }

  /** Several requests may find out about the same host at once. */
  #leave(host: number): void {
    if (this.#host === host) this.#host = (host + 1) % this.#config.elasticsearch.length;
  }
}

/** Whether a request surely never reached a server. */
export function wasNotSent(error: unknown): boolean {
  if (!(error instanceof HttpError)) return true;
  const { cause } = error;
  const codes = cause instanceof AggregateError ? cause.errors : [cause];
  return codes.every((each) =>
    ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'].includes(
      (each as NodeJS.ErrnoException | undefined)?.code ?? '',
    ),
  );
}
