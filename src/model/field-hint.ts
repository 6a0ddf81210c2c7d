/**
 * How a field would be written in a log query that has `code=503` where `code: 503` is meant, as lines show it; undefined where
 * the query has nothing of that form outside of quotes.
 */
export function fieldHint(query: string): string | undefined {
  const match = /(?:^|[\s(])([A-Za-z_@][\w.@-]*)=([^\s()"]+)/.exec(query.replace(/"[^"]*"?/g, '""'));
  return match === null ? undefined : `${match[1]}: ${match[2]}`;
}
