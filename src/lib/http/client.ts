import http from 'node:http';
import https from 'node:https';
import { type Certificates, HttpAgents } from './agents.ts';
import { HttpProxy } from './proxy.ts';
import { type HttpClientConfig, authHeaders } from './client-config.ts';
import { maskUrl, placeOfUrl } from './mask-url.ts';
import { TimeLimit } from '../time/time-limit.ts';

export type { Certificates } from './agents.ts';
export { type HttpClientConfig, httpClientSchema } from './client-config.ts';

export interface HttpRequest {
  readonly url: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  /** Milliseconds for the whole exchange, body included. */
  readonly timeout: number;
  /** An answer longer than this is cut off and is an error. Default 64 MiB. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
  /** False: it may have been carried out where a kept connection ends without a response, so it is not sent again here. */
  readonly repeatable?: boolean;
  /** Takes the body as it comes, `offset` bytes of it being there already; `body` of the answer is then empty. */
  readonly onBody?: (chunk: Buffer, offset: number) => void;
  /** Leaves the body in `stream` of the answer, which the caller reads or destroys; `maxBytes` is then of no account. */
  readonly asStream?: boolean;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
  /** Bytes of the body, also where `onBody` took it. */
  readonly length: number;
  /** Set where `asStream` asked for it. */
  readonly stream?: http.IncomingMessage;
}

/**
 * Why a request brought no response; a response with a bad status is not an error here.
 * 'redirect': the server names another address, which this request does not follow.
 */
export class HttpError extends Error {
  readonly reason: 'timeout' | 'too_large' | 'connection' | 'aborted' | 'redirect';

  constructor(reason: HttpError['reason'], message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'HttpError';
    this.reason = reason;
  }
}

const MAX_REDIRECTS = 10;
const REDIRECTS = [301, 302, 303, 307, 308];
const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;

/**
 * A keep-alive client for one configuration. Credentials, certificates and keys in files are read again when they change.
 * A kept connection that the server has closed or spoilt meanwhile costs one more try on a fresh one, as long as no byte of the response came.
 */
export class HttpClient {
  readonly #config: HttpClientConfig;
  readonly #agents: HttpAgents;
  readonly #proxy: HttpProxy | undefined;

  /** `proxyUrl`: requests go through this HTTP proxy. */
  constructor(config: Partial<HttpClientConfig> = {}, certificates?: Certificates, proxyUrl?: string) {
    this.#config = { follow_redirects: true, ...config };
    this.#proxy = proxyUrl === undefined ? undefined : new HttpProxy(proxyUrl);
    this.#agents = new HttpAgents(config.tls_config, certificates, this.#proxy);
  }

  /** @throws {HttpError} */
  async request(request: HttpRequest): Promise<HttpResponse> {
    const limit = new TimeLimit(request.timeout, request.signal);
    let response: HttpResponse | undefined;
    try {
      response = await this.#follow(request, limit);
      return response;
    } finally {
      if (response?.stream === undefined) limit.release();
      else response.stream.once('close', () => limit.release());
    }
  }

  /** Ends idle connections. */
  close(): void {
    this.#agents.close();
  }

  async #follow(request: HttpRequest, limit: TimeLimit): Promise<HttpResponse> {
    let { url } = request;
    for (let redirects = 0; ; redirects++) {
      const response = await this.#exchange({ ...request, url }, limit);
      const { location } = response.headers;
      if (!this.#config.follow_redirects || location === undefined || !REDIRECTS.includes(response.status))
        return response;
      response.stream?.destroy();
      if (redirects === MAX_REDIRECTS)
        throw new HttpError('redirect', `${placeOfUrl(request.url)}: more than ${MAX_REDIRECTS} redirects`);
      url = nextUrl(url, location, request.method ?? 'GET', response.status);
    }
  }

  async #exchange(request: HttpRequest, limit: TimeLimit): Promise<HttpResponse> {
    const shown = placeOfUrl(request.url);
    try {
      return await this.#send(request, limit, false).catch((error: unknown) => {
        if (!(error instanceof StaleConnectionError) || request.repeatable === false || limit.signal.aborted)
          throw error;
        return this.#send(request, limit, true);
      });
    } catch (error) {
      if (error instanceof HttpError) throw error;
      const { timeout } = request;
      if (limit.passed) throw new HttpError('timeout', `${shown}: no answer within ${timeout} ms`, error);
      if (limit.signal.aborted) throw new HttpError('aborted', `${shown}: aborted`, error);
      throw new HttpError('connection', `${shown}: ${describe(error)}`, error);
    }
  }

  /** @param fresh on a connection that was not used before. */
  #send(request: HttpRequest, limit: TimeLimit, fresh: boolean): Promise<HttpResponse> {
    const { url, method = 'GET', headers, body } = request;
    return new Promise((resolve, reject) => {
      const secure = url.startsWith('https:');
      let begun = false;
      let answered: http.IncomingMessage | undefined;
      const forward = secure ? undefined : this.#proxy?.forward(url);
      const sent = (secure ? https : http).request(
        url,
        {
          ...forward,
          method,
          headers: { ...forward?.headers, ...authHeaders(this.#config), ...headers },
          agent: this.#agents.agentFor(secure, fresh),
          signal: limit.signal,
        },
        (response) => {
          answered = response;
          void receive(request, response).then(resolve, reject);
        },
      );
      sent.once('socket', (socket) => socket.once('data', () => (begun = true)));
      sent.on('error', (error) => {
        // Bytes after a whole response end the connection and not the exchange.
        if (answered?.complete && !limit.signal.aborted) return;
        const isStale = sent.reusedSocket && (!begun || (answered === undefined && isNoResponse(error)));
        reject(isStale ? new StaleConnectionError(error) : error);
      });
      sent.end(body);
    });
  }
}

/** A kept connection ended before the first byte of the response, or held bytes that came after the response before. */
class StaleConnectionError extends Error {
  constructor(cause: Error) {
    super(cause.message, { cause });
  }
}

/** Whether the bytes received do not begin as a response does, such as the body that some servers send with a 204. */
function isNoResponse(error: NodeJS.ErrnoException): boolean {
  return error.code === 'HPE_INVALID_CONSTANT';
}

/** Reads the body, or hands the response over as a stream. */
function receive(request: HttpRequest, response: http.IncomingMessage): Promise<HttpResponse> {
  const { onBody, maxBytes = DEFAULT_MAX_BYTES } = request;
  const { statusCode: status = 0, headers } = response;
  if (request.asStream) return Promise.resolve({ status, headers, body: Buffer.alloc(0), length: 0, stream: response });
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    response.on('data', (chunk: Buffer) => {
      if (onBody === undefined) chunks.push(chunk);
      else if (length + chunk.length <= maxBytes) onBody(chunk, length);
      length += chunk.length;
      if (length > maxBytes)
        response.destroy(
          new HttpError('too_large', `${placeOfUrl(request.url)}: the answer is longer than ${maxBytes} bytes`),
        );
    });
    response.on('end', () => {
      const body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
      resolve({ status, headers, body, length });
    });
    response.on('error', reject);
  });
}

/**
 * Where a redirect leads. Credentials are for the host that was configured, not for one that it names; a request with a body is not
 * repeated as a GET without it, as browsers do for 301, 302 and 303.
 * @throws {HttpError} where it is not followed.
 */
function nextUrl(url: string, location: string, method: string, status: number): string {
  const refuse = (why: string) => new HttpError('redirect', `${placeOfUrl(url)}: answered ${status}, ${why}`);
  if (!URL.canParse(location, url)) throw refuse(`redirected to ${JSON.stringify(location.slice(0, 200))}`);
  const from = new URL(url);
  const next = new URL(location, url);
  if (status < 307 && method !== 'GET' && method !== 'HEAD')
    throw refuse(`a redirect to ${maskUrl(next.href)} that a ${method} does not follow; configure that address`);
  const upgraded = from.protocol === 'http:' && next.protocol === 'https:' && from.hostname === next.hostname;
  if (next.origin !== from.origin && !upgraded) throw refuse(`redirected to another origin, ${next.origin}`);
  if (next.username === '') [next.username, next.password] = [from.username, from.password];
  return next.href;
}

/** Connection errors of several addresses come as an AggregateError with an empty message. */
function describe(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.map(describe).join('; ');
  return tlsReason(error instanceof Error ? error.message : String(error));
}

/** Of OpenSSL's `809C…:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../deps/…:350:` only the reason. */
function tlsReason(message: string): string {
  const reason = /[0-9A-F]+:error:[0-9A-F]+:[^:]*:[^:]*:([^:]+):/.exec(message)?.[1];
  if (reason === undefined) return message;
  const isPlain = reason === 'wrong version number' || reason === 'packet length too long' || reason === 'http request';
  return `TLS: ${reason}${isPlain ? ' (does the other side speak plain HTTP?)' : ''}`;
}
