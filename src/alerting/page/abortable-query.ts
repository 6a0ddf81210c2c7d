import type { Query, VectorAnswer } from '../../model/query.ts';

/** Like `query`, but rejects as soon as its signal aborts, even where the store behind it ignores the signal and hangs. */
export function abortableQuery(query: Query): Query {
  return async (expr, at, signal) => {
    if (signal === undefined) return query(expr, at);
    signal.throwIfAborted();
    let onAbort = () => {};
    const aborted = new Promise<VectorAnswer>((_, reject) => {
      onAbort = () => reject(signal.reason as Error);
      signal.addEventListener('abort', onAbort, { once: true });
    });
    return Promise.race([query(expr, at, signal), aborted]).finally(() => signal.removeEventListener('abort', onAbort));
  };
}
