import { useMemo, useState } from 'preact/hooks';
import { clipped, visible } from '../lib/text.ts';

/** Text of others, cut where it is long, with a button that shows all of it. */
export function Text({ of, most = 1000 }: { of: string; most?: number }) {
  const [all, setAll] = useState(false);
  if (of.length <= most) return <>{visible(of)}</>;
  return (
    <>
      {all ? <Whole text={of} /> : clipped(of, most)}{' '}
      <button type="button" class="more" aria-expanded={all} onClick={() => setAll(!all)}>
        {all ? 'show less' : `show all ${of.length.toLocaleString('en-US')} characters`}
      </button>
    </>
  );
}

/** A browser lays out one text of a megabyte in seconds; in pieces, of which it draws those in sight, at once. */
const PIECE = 4000;

function Whole({ text }: { text: string }) {
  const pieces = useMemo(() => {
    const found: string[] = [];
    for (let at = 0; at < text.length; at += PIECE) found.push(visible(text.slice(at, at + PIECE)));
    return found;
  }, [text]);
  return (
    <span class="whole" tabIndex={0} role="region" aria-label="Whole text">
      {pieces.map((piece, i) => (
        <span key={i}>{piece}</span>
      ))}
    </span>
  );
}
