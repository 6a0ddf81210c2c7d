import { tokens } from '../lib/promql-text.ts';

/** PromQL with its colours. */
export function PromqlText({ text }: { text: string }) {
  return (
    <pre class="promql">
      <PromqlTokens text={text} />
    </pre>
  );
}

export function PromqlTokens({ text }: { text: string }) {
  return (
    <code>
      {tokens(text).map((token, i) => (
        <span key={i} class={`t-${token.kind}`}>
          {token.text}
        </span>
      ))}
    </code>
  );
}
