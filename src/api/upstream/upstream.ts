import { Readable } from 'node:stream';
import { HttpClient, HttpError } from '../../lib/http/client.ts';
import { type Logger, LogOnce } from '../../lib/logger.ts';
import { ApiError, messageOf } from '../answers/errors.ts';
import { upstreamFailures } from '../metrics.ts';
import type { UpstreamConfig } from './config.ts';

export interface UpstreamAnswer {
  readonly status: number;
  readonly type: string;
  /** Its `Retry-After`. */
  readonly retryAfter: string | undefined;
  /** To be read, or destroyed. */
  readonly body: Readable;
}

/** Sends a request to the upstream. @throws {ApiError} where it does not answer; an answer with a bad status is passed on. */
export type AskUpstream = (
  method: 'GET' | 'POST',
  path: string,
  params: URLSearchParams,
  signal: AbortSignal,
) => Promise<UpstreamAnswer>;

const REASONS = ['refused', 'redirect', 'connection', 'timeout', 'too_large', 'other'];

export function createUpstream({ url, timeout, http_config }: UpstreamConfig, logger?: Logger): AskUpstream {
  const client = new HttpClient(http_config);
  const once = new LogOnce();
  const { host } = new URL(url);
  /** Until it answers again, each reason is logged once. */
  const note = (reason: string, error: string): void => {
    upstreamFailures.inc({ reason });
    if (once.fresh(reason, reason)) logger?.warn({ host, reason, error }, 'server.upstream gave no answer');
  };
  const base = url.replace(/\/+$/, '');
  return async (method, path, params, signal) => {
    const text = params.toString();
    const form = method === 'POST';
    try {
      const response = await client.request({
        url: base + path + (form || text === '' ? '' : `?${text}`),
        method,
        headers: form ? { 'content-type': 'application/x-www-form-urlencoded' } : {},
        body: form ? text : undefined,
        timeout,
        asStream: true,
        signal,
      });
      const type = response.headers['content-type'] ?? 'application/json';
      if (response.status === 401 || response.status === 403) {
        response.stream?.destroy();
        note('refused', `status ${response.status}`);
        throw new ApiError('unavailable', `the server behind refused this server (${response.status})`, 502);
      }
      if (response.status >= 300 && response.status < 400) {
        response.stream?.destroy();
        note('redirect', `status ${response.status}`);
        throw new ApiError(
          'unavailable',
          `the server behind redirects elsewhere (${response.status}); server.upstream.url must name where to`,
          502,
        );
      }
      const cleared = REASONS.filter((reason) => once.clear(reason));
      if (cleared.length > 0) logger?.info({ host }, 'server.upstream answers again');
      const retryAfter = response.headers['retry-after'];
      return { status: response.status, type, retryAfter, body: response.stream ?? Readable.from([]) };
    } catch (error) {
      if (error instanceof ApiError) throw error;
      const reason = error instanceof HttpError ? error.reason : 'other';
      if (reason !== 'aborted') note(reason, messageOf(error instanceof Error ? (error.cause ?? error) : error));
      throw asApiError(error);
    }
  };
}

/** Its address and credentials are not for callers. */
function asApiError(error: unknown): ApiError {
  if (!(error instanceof HttpError)) return new ApiError('internal', messageOf(error));
  if (error.reason === 'timeout') return new ApiError('timeout', 'the server behind did not answer in time');
  if (error.reason === 'aborted') return new ApiError('canceled', 'the client went away');
  if (error.reason === 'redirect')
    return new ApiError(
      'unavailable',
      'the server behind redirects elsewhere; server.upstream.url must name where to',
      502,
    );
  return new ApiError('unavailable', 'the server behind cannot be reached', 502);
}

/** The whole body of an answer that is to be filtered. */
export async function bodyOf({ body }: UpstreamAnswer, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > maxBytes) break;
    }
  } catch (error) {
    throw new ApiError('unavailable', `the server behind broke off: ${messageOf(error)}`, 502);
  }
  if (size > maxBytes) throw new ApiError('execution', 'the answer is longer than server.upstream.max_answer');
  return Buffer.concat(chunks);
}
