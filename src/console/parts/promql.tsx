import { useMemo } from 'preact/hooks';
import { tokens } from '../lib/promql-text.ts';
import { visible } from '../lib/text.ts';
import { Text } from './text.tsx';

/** A longer text is shown without colours, and cut. */
const MOST_COLOURED = 5000;

/** PromQL with its colours. */
export function PromqlText({ text }: { text: string }) {
  return (
    <pre class="promql" tabIndex={0}>
      {text.length > MOST_COLOURED ? <Text of={text} most={MOST_COLOURED} /> : <PromqlTokens text={text} />}
    </pre>
  );
}

export function PromqlTokens({ text }: { text: string }) {
  const list = useMemo(() => tokens(text), [text]);
  return (
    <code>
      {list.map((token, i) => (
        <span key={i} class={`t-${token.kind}`}>
          {visible(token.text)}
        </span>
      ))}
    </code>
  );
}
