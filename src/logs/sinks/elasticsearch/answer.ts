import type { HttpResponse } from '../../../lib/http/client.ts';

/** What a bulk request's answer asks us to do with its items. */
export type Answer =
  | { readonly kind: 'all stored' }
  | { readonly kind: 'items'; readonly items: readonly ItemAnswer[] }
  /** The request itself is at fault: smaller ones may pass. `tooLarge`: for its length, and not for one of its items. */
  | { readonly kind: 'split'; readonly tooLarge: boolean; readonly reason: string }
  /** Not carried out; worth another try. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** It may have been carried out. */
  | { readonly kind: 'uncertain'; readonly reason: string };

export type ItemAnswer =
  | { readonly kind: 'stored' }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'retry' | 'refused'; readonly status: number; readonly reason: string; readonly text: string };

interface BulkError {
  readonly type?: string;
  readonly reason?: string;
}

interface BulkAnswer {
  readonly errors?: boolean;
  readonly items?: readonly Record<string, { readonly status?: number; readonly error?: BulkError }>[];
}

const NO_ERRORS = Buffer.from('"errors":false');
/** Types of a 400 that say that one of the items made the whole request unreadable. */
const POISONED = ['action_request_validation_exception', 'x_content_parse_exception', 'json_parse_exception'];

/** Types of an item's 400 that the document has no part in. */
const FAULTS_OF_CLUSTER = ['validation_exception', 'index_closed_exception', 'illegal_state_exception'];

export function readAnswer({ status, body }: HttpResponse, count: number): Answer {
  if (status === 200) return readItems(body, count);
  const error = wholeError(body);
  const reason = error === undefined ? `HTTP ${status}` : `HTTP ${status} ${error}`;
  if (status === 413 || (status === 400 && POISONED.includes(error ?? '')))
    return { kind: 'split', tooLarge: status === 413, reason };
  return { kind: status >= 500 ? 'uncertain' : 'refused', reason };
}

function readItems(body: Buffer, count: number): Answer {
  // The flag stands before the items; with none in error there is nothing to learn from them.
  if (body.subarray(0, 64).includes(NO_ERRORS)) return { kind: 'all stored' };
  const answer = parse(body) as BulkAnswer | undefined;
  if (answer?.items?.length !== count)
    return { kind: 'uncertain', reason: 'the answer does not name every item of the request' };
  return { kind: 'items', items: answer.items.map((item) => readItem(Object.values(item)[0])) };
}

function readItem({ status = 0, error }: { status?: number; error?: BulkError }): ItemAnswer {
  if (status >= 200 && status < 300) return { kind: 'stored' };
  if (status === 409) return { kind: 'duplicate' };
  const type = error?.type ?? '';
  const reason = /^[a-z_]{1,60}$/.test(type) ? type : `status_${status}`;
  const text = (error?.reason ?? '').slice(0, 500);
  return { kind: isFaultOfDocument(status, reason, text) ? 'refused' : 'retry', status, reason, text };
}

/**
 * Whether the document is at fault, so that it would be refused for ever: its fields, its size. All else is a fault of the
 * cluster, its set-up or our rights (a block, a missing index or pipeline, too many shards), which somebody mends.
 */
function isFaultOfDocument(status: number, reason: string, text: string): boolean {
  if (status === 413) return true;
  if (status !== 400) return false;
  return !FAULTS_OF_CLUSTER.includes(reason) && !/\bpipeline with id\b.*\bdoes not exist\b/.test(text);
}

/** The type of a request's error, where there is one: a 413 has no body, and a proxy's answer is no JSON. */
function wholeError(body: Buffer): string | undefined {
  const error = (parse(body) as { error?: BulkError | string } | undefined)?.error;
  return typeof error === 'string' ? error.slice(0, 200) : error?.type;
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString()) ?? undefined;
  } catch {
    return undefined;
  }
}
