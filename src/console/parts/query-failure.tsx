import { Failure } from './state.tsx';

/** The server's message, with a mark under the place in the query that it names. */
export function QueryFailure({ query, error }: { query: string; error: string }) {
  if (error === '') return null;
  const message = error.replace(/^invalid parameter "query": /, '');
  const place = placeOf(message);
  if (place === undefined) return <Failure error={message} />;
  const line = query.split('\n')[place.line - 1] ?? '';
  // A long line is shown around the place.
  const from = Math.max(0, place.column - 60);
  return (
    <div class="failure" role="alert">
      <pre tabIndex={0}>
        {line.slice(from, from + 160)}
        {'\n'}
        {' '.repeat(Math.max(0, Math.min(place.column - 1, line.length) - from))}^
      </pre>
      {message.slice(0, 2000)}
    </div>
  );
}

/** `1:8: …` is how PromQL's errors begin; `query, character 8: …` how those of log queries do. */
function placeOf(message: string): { readonly line: number; readonly column: number } | undefined {
  const promql = /^(\d+):(\d+): /.exec(message);
  if (promql !== null) return { line: Number(promql[1]), column: Number(promql[2]) };
  const kql = /^query, character (\d+): /.exec(message);
  return kql === null ? undefined : { line: 1, column: Number(kql[1]) };
}
