/** The `errorType`s of Prometheus' API, and `unauthorized`, `too_many_requests` of our own. */
export type ErrorType =
  | 'bad_data'
  | 'execution'
  | 'timeout'
  | 'canceled'
  | 'internal'
  | 'unavailable'
  | 'not_found'
  | 'not_acceptable'
  | 'unauthorized'
  | 'forbidden'
  | 'too_many_requests';

const STATUS: Readonly<Record<ErrorType, number>> = {
  bad_data: 400,
  execution: 422,
  timeout: 503,
  canceled: 503,
  internal: 500,
  unavailable: 501,
  not_found: 404,
  not_acceptable: 406,
  unauthorized: 401,
  forbidden: 403,
  too_many_requests: 429,
};

/** A failure whose message is meant for the caller. Of type `internal`, only the log has the message. */
export class ApiError extends Error {
  readonly type: ErrorType;
  readonly status: number;
  /** `Retry-After`: seconds, or what another server said. */
  readonly retryAfter: number | string | undefined;

  constructor(
    type: ErrorType,
    message: string,
    status: number = STATUS[type],
    { cause, retryAfter }: { readonly cause?: unknown; readonly retryAfter?: number | string } = {},
  ) {
    super(message, { cause });
    this.retryAfter = retryAfter;
    this.name = 'ApiError';
    this.type = type;
    this.status = status;
  }
}

export function badParameter(name: string, message: string): ApiError {
  return new ApiError('bad_data', `invalid parameter ${JSON.stringify(name)}: ${message}`);
}

const KINDS: readonly unknown[] = ['execution', 'timeout', 'canceled', 'internal'] satisfies ErrorType[];

/** The error of an engine or a store, of the type that its `kind` or `reason` names. */
export function queryError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const message = messageOf(error);
  const kind = wordOf(error);
  if (kind === 'bad_data' || kind === 'bad_query') return badParameter('query', message);
  if (KINDS.includes(kind)) return new ApiError(kind as ErrorType, message, undefined, { cause: error });
  const name = error instanceof Error ? error.name : '';
  if (name === 'AbortError') return new ApiError('canceled', message);
  if (name === 'TimeoutError') return new ApiError('timeout', message);
  return new ApiError('internal', message, undefined, { cause: error });
}

/** The `kind` or `reason` of an error of another module. */
export function wordOf(error: unknown): unknown {
  if (!(error instanceof Error)) return undefined;
  if ('kind' in error) return error.kind;
  return 'reason' in error ? error.reason : undefined;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
