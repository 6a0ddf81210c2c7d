import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { z } from './schema.ts';

/** How to reach an HTTP server, under Prometheus' own keys (`http_config` and its inline form). */
export const httpClientSchema = z.strictObject({
  basic_auth: z
    .strictObject({
      username: z.string().describe('Name for basic auth.'),
      password: z.string().optional().describe('Its password; better in a file.'),
      password_file: z.string().optional().describe('File with the password.'),
    })
    .optional(),
  authorization: z
    .strictObject({
      type: z.string().default('Bearer').describe('First word of the Authorization header.'),
      credentials: z.string().optional().describe('What follows it; better in a file.'),
      credentials_file: z.string().optional().describe('File with what follows it.'),
    })
    .optional(),
  bearer_token: z.string().optional().describe('Bearer token; better in a file.'),
  bearer_token_file: z.string().optional().describe('File with the bearer token.'),
  tls_config: z
    .strictObject({
      ca_file: z.string().optional().describe('Certificates that the server is held to; default: those of Node.'),
      cert_file: z.string().optional().describe('Certificate to show to the server.'),
      key_file: z.string().optional().describe('Its key.'),
      server_name: z.string().optional().describe('Name that the certificate must be for.'),
      insecure_skip_verify: z.boolean().default(false).describe('Take any certificate.'),
    })
    .optional(),
  http_headers: z
    .record(
      z.string(),
      z.strictObject({ values: z.array(z.string()).optional(), files: z.array(z.string()).optional() }),
    )
    .optional()
    .describe('Headers of every request, each with `values` or `files` that hold them.'),
  follow_redirects: z.boolean().default(true).describe('Follow redirects within the same origin.'),
});

export type HttpClientConfig = z.infer<typeof httpClientSchema>;

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

/** Why an exchange gave no answer; an answer with a bad status is not an error here. */
export class HttpError extends Error {
  readonly reason: 'timeout' | 'too_large' | 'connection' | 'redirect' | 'aborted';

  constructor(reason: HttpError['reason'], message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'HttpError';
    this.reason = reason;
  }
}

const MAX_REDIRECTS = 5;
const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;

/** A keep-alive client for one configuration. Credentials and keys in files are read again when they are used. */
export class HttpClient {
  readonly #config: HttpClientConfig;
  #agents: { http: http.Agent; https: https.Agent } | undefined;

  constructor(config: Partial<HttpClientConfig> = {}) {
    this.#config = { follow_redirects: true, ...config };
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

  async #follow(request: HttpRequest, limit: TimeLimit): Promise<HttpResponse> {
    let { url, method = 'GET', body } = request;
    for (let redirects = 0; ; redirects++) {
      const response = await this.#exchange({ ...request, url, method, body }, limit);
      const location = response.headers.location;
      if (
        !this.#config.follow_redirects ||
        location === undefined ||
        ![301, 302, 303, 307, 308].includes(response.status)
      )
        return response;
      if (redirects === MAX_REDIRECTS)
        throw new HttpError('redirect', `${withoutSecrets(request.url)}: more than ${MAX_REDIRECTS} redirects`);
      response.stream?.resume();
      if (!URL.canParse(location, url))
        throw new HttpError(
          'redirect',
          `${withoutSecrets(request.url)}: redirected to ${JSON.stringify(location.slice(0, 200))}`,
        );
      const next = new URL(location, url);
      // Credentials are for the host that was configured, not for one that it names.
      if (next.origin !== new URL(url).origin)
        throw new HttpError('redirect', `${withoutSecrets(request.url)}: redirected to another origin, ${next.origin}`);
      url = next.href;
      if (response.status < 307 && method !== 'HEAD') [method, body] = ['GET', undefined];
    }
  }

  /** Ends idle connections. */
  close(): void {
    this.#agents?.http.destroy();
    this.#agents?.https.destroy();
  }

  #exchange(request: HttpRequest, limit: TimeLimit): Promise<HttpResponse> {
    const { url, method, headers, body, maxBytes = DEFAULT_MAX_BYTES, timeout } = request;
    const shown = withoutSecrets(url);
    const { onBody } = request;
    return new Promise((resolve, reject) => {
      const fail = (error: unknown) => {
        if (error instanceof HttpError) return reject(error);
        if (limit.passed) return reject(new HttpError('timeout', `${shown}: no answer within ${timeout} ms`, error));
        if (limit.signal.aborted) return reject(new HttpError('aborted', `${shown}: aborted`, error));
        reject(new HttpError('connection', `${shown}: ${describe(error)}`, error));
      };
      try {
        const secure = url.startsWith('https:');
        const agents = (this.#agents ??= this.#createAgents());
        const sent = (secure ? https : http).request(
          url,
          {
            method,
            headers: { ...this.#authHeaders(), ...headers },
            agent: secure ? agents.https : agents.http,
            signal: limit.signal,
          },
          (response) => {
            if (request.asStream) {
              const { statusCode = 0, headers } = response;
              return resolve({ status: statusCode, headers, body: Buffer.alloc(0), length: 0, stream: response });
            }
            const chunks: Buffer[] = [];
            let size = 0;
            response.on('data', (chunk: Buffer) => {
              if (onBody === undefined) chunks.push(chunk);
              else if (size + chunk.length <= maxBytes) onBody(chunk, size);
              size += chunk.length;
              if (size > maxBytes)
                response.destroy(new HttpError('too_large', `${shown}: the answer is longer than ${maxBytes} bytes`));
            });
            response.on('end', () =>
              resolve({
                status: response.statusCode ?? 0,
                headers: response.headers,
                body: chunks.length === 1 ? chunks[0] : Buffer.concat(chunks),
                length: size,
              }),
            );
            response.on('error', fail);
          },
        );
        sent.on('error', fail);
        sent.end(body);
      } catch (error) {
        fail(error);
      }
    });
  }

  #createAgents() {
    const tls = this.#config.tls_config;
    const options: https.AgentOptions = {
      keepAlive: true,
      maxSockets: 64,
      ca: tls?.ca_file === undefined ? undefined : readFileSync(tls.ca_file),
      cert: tls?.cert_file === undefined ? undefined : readFileSync(tls.cert_file),
      key: tls?.key_file === undefined ? undefined : readFileSync(tls.key_file),
      servername: tls?.server_name,
      rejectUnauthorized: !tls?.insecure_skip_verify,
    };
    return { http: new http.Agent({ keepAlive: true, maxSockets: 64 }), https: new https.Agent(options) };
  }

  #authHeaders(): Record<string, string> {
    const { basic_auth: basic, authorization, bearer_token, bearer_token_file, http_headers = {} } = this.#config;
    const headers: Record<string, string> = {};
    for (const [name, { values = [], files = [] }] of Object.entries(http_headers))
      headers[name] = [...values, ...files.map(fileContent)].join(', ');
    const token = valueOrFile(bearer_token, bearer_token_file);
    if (token !== undefined) headers.authorization = `Bearer ${token}`;
    const credentials = valueOrFile(authorization?.credentials, authorization?.credentials_file);
    if (credentials !== undefined) headers.authorization = `${authorization?.type ?? 'Bearer'} ${credentials}`;
    if (basic !== undefined) {
      const password = valueOrFile(basic.password, basic.password_file) ?? '';
      headers.authorization = `Basic ${Buffer.from(`${basic.username}:${password}`).toString('base64')}`;
    }
    return headers;
  }
}

function valueOrFile(value: string | undefined, file: string | undefined): string | undefined {
  return file === undefined ? value : fileContent(file);
}

function fileContent(path: string): string {
  return readFileSync(path, 'utf8').trim();
}

/**
 * A request's time limit and its caller's signal in one. `AbortSignal.any` would do, but on Node 20 each call leaves something
 * behind on a signal that lives as long as the process.
 */
class TimeLimit {
  /** Whether it was the time that ran out. */
  passed = false;
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout;
  readonly #onAbort = () => this.#controller.abort();

  constructor(timeout: number, caller: AbortSignal | undefined) {
    this.#caller = caller;
    this.#timer = setTimeout(() => {
      this.passed = true;
      this.#controller.abort();
    }, timeout);
    if (caller?.aborted) this.#controller.abort();
    else caller?.addEventListener('abort', this.#onAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  release(): void {
    clearTimeout(this.#timer);
    this.#caller?.removeEventListener('abort', this.#onAbort);
  }
}

/** Names and passwords stand in URLs too, and messages end up in logs and answers. */
function withoutSecrets(url: string): string {
  return url.replace(/^(\w+:\/\/)[^/@]*@/, '$1');
}

/** Connection errors of several addresses come as an AggregateError with an empty message. */
function describe(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.map(describe).join('; ');
  return error instanceof Error ? error.message : String(error);
}
