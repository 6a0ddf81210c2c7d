export type QueryErrorKind = 'bad_data' | 'execution' | 'timeout' | 'canceled' | 'internal';

/** A query that has no answer. `kind` is what Prometheus' API calls `errorType`; the message has Prometheus' words. */
export class QueryError extends Error {
  readonly kind: QueryErrorKind;

  constructor(kind: QueryErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'QueryError';
    this.kind = kind;
  }
}

/** Stops the query with an error of kind `execution`. */
export function fail(message: string): never {
  throw new QueryError('execution', message);
}

export const DUPLICATE_LABELS = 'vector cannot contain metrics with the same labelset';
