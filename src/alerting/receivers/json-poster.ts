import { type HttpClient, HttpError, type HttpResponse } from '../../lib/http-client.ts';
import type { Attempt } from '../outbox/outbox.ts';

export interface JsonPost {
  readonly url: string;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds for each exchange. */
  readonly timeout: number;
  readonly signal: AbortSignal;
  /** Whether a redirect that keeps the method (307, 308) is followed, within the same origin. */
  readonly redirects: boolean;
}

/** Answers longer than this are not read: only the status counts. */
const MAX_ANSWER = 1024 * 1024;
const MAX_REDIRECTS = 5;

/**
 * Posts JSON with a client that follows no redirects. 5xx, 429 and a connection that fails can be tried again. A redirect by which
 * a client would lose the body (301, 302, 303) is a failure, for the other side would have got nothing.
 */
export async function postJson(client: HttpClient, post: JsonPost): Promise<Attempt> {
  const body = JSON.stringify(post.body);
  let { url } = post;
  try {
    for (let redirects = 0; ; redirects++) {
      const response = await client.request({
        url,
        method: 'POST',
        headers: { 'content-type': 'application/json', 'user-agent': 'crowsnest', ...post.headers },
        body,
        timeout: post.timeout,
        maxBytes: MAX_ANSWER,
        signal: post.signal,
      });
      const next = post.redirects ? redirectOf(response, url) : undefined;
      if (next === undefined || redirects === MAX_REDIRECTS) return attemptOf(response);
      url = next;
    }
  } catch (error) {
    // The URL often is a secret, and an HttpError's message starts with it.
    const words =
      error instanceof HttpError ? `${error.reason}: ${withoutUrl(error.message)}` : (error as Error).message;
    return { ok: false, retry: true, error: words };
  }
}

/** Credentials are for the host that was configured, so another origin is not followed. */
function redirectOf({ status, headers: { location } }: HttpResponse, url: string): string | undefined {
  if ((status !== 307 && status !== 308) || location === undefined || !URL.canParse(location, url)) return undefined;
  const next = new URL(location, url);
  return next.origin === new URL(url).origin ? next.href : undefined;
}

function attemptOf({ status, headers: { location } }: HttpResponse): Attempt {
  if (status >= 200 && status < 300) return { ok: true, receipt: `HTTP ${status}` };
  const retry = status >= 500 || status === 429;
  if (status < 300 || status >= 400 || location === undefined)
    return { ok: false, retry, error: `unexpected status code ${status}` };
  return {
    ok: false,
    retry,
    error: `redirected by status code ${status}, which was not followed; configure the address that it leads to`,
  };
}

function withoutUrl(message: string): string {
  return message.replaceAll(/https?:\/\/[^\s]+?(?=:? |$)/g, '<secret>');
}
