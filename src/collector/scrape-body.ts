import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { type Clock, systemClock } from '../lib/time/clock.ts';
import { type HttpClient, HttpError, type HttpResponse } from '../lib/http/client.ts';
import type { ScrapeConfig } from './config.ts';
import { acceptHeader, type Format, formatOf, type ScrapeProtocol } from './exposition/format.ts';
import { type BodyBuffer, PageBuffers } from './body-buffer.ts';
import { ScrapeError } from './scrape-error.ts';
import { endLine } from './scrape-parse.ts';

const gunzipAsync = promisify(gunzip);
const pageBuffers = new PageBuffers();
const DEFAULT_BODY_LIMIT = 64 * 1024 * 1024;

/** A page of metrics as it came, ending with a newline. */
interface ScrapeBody {
  readonly body: Buffer;
  readonly format: Format;
  /** Gives the memory of `body` back for the next page. */
  release(): void;
}

/** Gets the page of one target, within a time of its own. @throws {ScrapeError} */
export type FetchPage = (signal: AbortSignal) => Promise<ScrapeBody>;

/** The page behind a URL. `timeout` in milliseconds. */
export function httpPage(client: HttpClient, job: ScrapeConfig, url: string, timeout: number): FetchPage {
  const maxBytes = job.body_size_limit || DEFAULT_BODY_LIMIT;
  const protocols = job.scrape_protocols.filter((name): name is ScrapeProtocol => name !== 'PrometheusProto');
  const usual = job.metric_name_validation_scheme === 'legacy' ? 'underscores' : 'allow-utf-8';
  const escaping = job.metric_name_escaping_scheme ?? usual;
  const headers = {
    accept: acceptHeader(protocols.length > 0 ? protocols : ['PrometheusText0.0.4'], escaping),
    'accept-encoding': job.enable_compression ? 'gzip' : 'identity',
    'user-agent': 'crowsnest',
    'x-prometheus-scrape-timeout-seconds': String(timeout / 1000),
  };
  return async (signal) => {
    const buffer = pageBuffers.take();
    try {
      const onBody = (chunk: Buffer, offset: number) => buffer.put(chunk, offset);
      const response = await client.request({ url, headers, timeout, maxBytes, signal, onBody });
      if (response.status !== 200)
        throw new ScrapeError('http_status', `server returned HTTP status ${response.status}`);
      const format = formatOf(response.headers['content-type'], job.fallback_scrape_protocol);
      if (typeof format === 'object') throw new ScrapeError('content_type', format.refused);
      const body = await unpack(response, buffer, maxBytes);
      return { body, format, release: () => pageBuffers.give(buffer) };
    } catch (error) {
      pageBuffers.give(buffer);
      throw asScrapeError(error);
    }
  };
}

/** A page that this process makes itself. */
export function localPage(
  make: () => Promise<Buffer | string>,
  timeout: number,
  clock: Clock = systemClock,
): FetchPage {
  return async () => {
    let cancel = () => {};
    const late = new Promise<never>((_, reject) => {
      cancel = clock.after(timeout, () => reject(new ScrapeError('timeout', `not ready within ${timeout} ms`)));
    });
    try {
      const body = await Promise.race([make(), late]);
      return { body: endLine(typeof body === 'string' ? Buffer.from(body) : body), format: 'text', release() {} };
    } catch (error) {
      throw error instanceof ScrapeError ? error : new ScrapeError('page', (error as Error).message, error);
    } finally {
      cancel();
    }
  };
}

async function unpack({ headers, length }: HttpResponse, buffer: BodyBuffer, maxBytes: number): Promise<Buffer> {
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding === 'identity' || encoding === '') return buffer.page(length);
  if (encoding !== 'gzip') throw new ScrapeError('content_type', `Content-Encoding ${encoding} was not asked for`);
  try {
    return endLine(await gunzipAsync(buffer.bytes(length), { maxOutputLength: maxBytes }));
  } catch (error) {
    const tooLong = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw tooLong
      ? new ScrapeError('body_size_limit', `the page is longer than ${maxBytes} bytes`, error)
      : new ScrapeError('garbage', `gzip: ${(error as Error).message}`, error);
  }
}

function asScrapeError(error: unknown): ScrapeError {
  if (error instanceof ScrapeError) return error;
  if (!(error instanceof HttpError)) return new ScrapeError('connection', String(error), error);
  const message = withoutUrl(error.message);
  if (error.reason === 'too_large') return new ScrapeError('body_size_limit', message, error);
  return new ScrapeError(error.reason === 'timeout' ? 'timeout' : 'connection', message, error);
}

/** Without the URL, which stands beside the error wherever it is shown. */
function withoutUrl(message: string): string {
  return message.replace(/^https?:\/\/\S+: /, '');
}
