import { Readable } from 'node:stream';
import { HttpClient, HttpError } from '../../lib/http-client.ts';
import { ApiError, messageOf } from '../errors.ts';
import type { UpstreamConfig } from './config.ts';

export interface UpstreamAnswer {
  readonly status: number;
  readonly type: string;
  /** To be read, or destroyed. */
  readonly body: Readable;
}

/** Asks the server behind. @throws {ApiError} where it gives no answer; an answer with a bad status is passed on. */
export type AskUpstream = (
  method: 'GET' | 'POST',
  path: string,
  params: URLSearchParams,
  signal: AbortSignal,
) => Promise<UpstreamAnswer>;

export function createUpstream({ url, timeout, http_config }: UpstreamConfig): AskUpstream {
  const client = new HttpClient(http_config);
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
      return { status: response.status, type, body: response.stream ?? Readable.from([]) };
    } catch (error) {
      throw asApiError(error);
    }
  };
}

/** Its address and credentials are nobody's business. */
function asApiError(error: unknown): ApiError {
  if (!(error instanceof HttpError)) return new ApiError('internal', messageOf(error));
  if (error.reason === 'timeout') return new ApiError('timeout', 'the server behind did not answer in time');
  if (error.reason === 'aborted') return new ApiError('canceled', 'the client went away');
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
