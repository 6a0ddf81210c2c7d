import { api } from '../lib/api.ts';
import { plural } from '../lib/format.ts';
import { usePoll } from '../lib/poll.ts';
import { PromqlTokens } from './promql.tsx';
import { Text } from './text.tsx';

/** What an expression does, step by step in plain words; shown open where there is a hint at a likely mistake. */
export function Explanation({ query }: { query: string }) {
  const { data } = usePoll((signal) => api.explain(query, signal), 0, [query]);
  // A faulty expression is explained by its error.
  if (data === undefined || data.expression === undefined) return null;
  return (
    <div class="explanation">
      {data.hints.map((hint) => (
        <p key={hint} class="detail">
          <Text of={hint} most={600} />
        </p>
      ))}
      <details>
        <summary class="quiet">In words, {plural(data.steps.length, 'step')}</summary>
        <ol>
          {data.steps.slice(0, 200).map(({ number, words, expression }) => (
            <li key={number}>
              <span class="words">
                <Text of={words} most={600} />
              </span>
              <PromqlTokens text={expression.slice(0, 2000)} />
            </li>
          ))}
        </ol>
      </details>
    </div>
  );
}
