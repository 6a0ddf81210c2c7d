import { type HttpClient, HttpError, type HttpResponse } from '../../lib/http/client.ts';
import type { Attempt } from '../outbox/outbox.ts';

/** One request to the service behind a receiver. */
export interface Message {
  readonly url: string;
  /** POST where absent. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A text is sent as it is, under the content type of `headers`; anything else as JSON; absent: no body. */
  readonly body?: unknown;
  /** Reads the answer to a request that was accepted. Returns why the message was refused all the same; '' where it was not. */
  readonly refusal?: (answer: string) => string;
}

export interface ExchangeOptions {
  /** Milliseconds for each request. */
  readonly timeout: number;
  readonly signal: AbortSignal;
  /** Whether a redirect that keeps the method (307, 308) is followed, within the same origin. */
  readonly redirects: boolean;
}

export interface Exchange {
  readonly attempt: Attempt;
  /** The body of the response; '' where there was none. */
  readonly answer: string;
}

/** Longer responses fail: no service answers with more. */
const MAX_ANSWER = 1024 * 1024;
const MAX_REDIRECTS = 5;

/**
 * Sends a message with a client that follows no redirects. 5xx, 429 and a connection that fails can be tried again. A redirect by which
 * a client would lose the body (301, 302, 303) is a failure, for the other side would have got nothing. Never rejects.
 */
export async function exchange(client: HttpClient, message: Message, options: ExchangeOptions): Promise<Exchange> {
  const { body, method = 'POST', refusal } = message;
  let { url } = message;
  try {
    for (let redirects = 0; ; redirects++) {
      const response = await client.request({
        url,
        method,
        headers: { ...(body === undefined ? {} : JSON_TYPE), 'user-agent': 'crowsnest', ...message.headers },
        body: typeof body === 'string' || body === undefined ? body : JSON.stringify(body),
        timeout: options.timeout,
        maxBytes: MAX_ANSWER,
        signal: options.signal,
      });
      const next = options.redirects ? redirectOf(response, url) : undefined;
      if (next === undefined || redirects === MAX_REDIRECTS) return judged(response, refusal);
      url = next;
    }
  } catch (error) {
    // The URL often is a secret, and an HttpError's message starts with it.
    const words =
      error instanceof HttpError ? `${error.reason}: ${withoutUrl(error.message)}` : (error as Error).message;
    return { attempt: { ok: false, retry: true, error: words }, answer: '' };
  }
}

const JSON_TYPE = { 'content-type': 'application/json' };

/** Credentials are for the host that was configured, so another origin is not followed. */
function redirectOf({ status, headers: { location } }: HttpResponse, url: string): string | undefined {
  if ((status !== 307 && status !== 308) || location === undefined || !URL.canParse(location, url)) return undefined;
  const next = new URL(location, url);
  return next.origin === new URL(url).origin ? next.href : undefined;
}

function judged(response: HttpResponse, refusal: Message['refusal']): Exchange {
  const answer = response.body.toString();
  const attempt = attemptOf(response);
  const why = attempt.ok && refusal !== undefined ? refusal(answer) : '';
  if (why !== '') return { attempt: { ok: false, retry: false, error: shortened(why) }, answer };
  // What an unknown server says may repeat the credentials that it was sent.
  if (attempt.ok || refusal === undefined || answer.trim() === '') return { attempt, answer };
  return { attempt: { ...attempt, error: `${attempt.error}: ${shortened(answer)}` }, answer };
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

/** The start of what a service says, on one line, without addresses. */
function shortened(answer: string): string {
  const line = withoutUrl(answer.replaceAll(/\s+/g, ' ').trim());
  return line.length <= 200 ? line : `${line.slice(0, 199)}…`;
}

function withoutUrl(message: string): string {
  return message.replaceAll(/https?:\/\/[^\s"']+?(?=:? |["']|$)/g, '<secret>');
}
