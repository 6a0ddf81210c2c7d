import { useEffect, useRef, useState } from 'preact/hooks';
import { type Complete, NO_OFFERS, type Offers } from '../lib/complete.ts';

/** Milliseconds without a keystroke before the server is queried. */
const QUIET = 120;

interface OffersState {
  readonly offers: Offers;
  /** The suggestion that is chosen, and whether it was chosen with the arrows. */
  readonly at: number;
  readonly moved: boolean;
  readonly ask: (text: string, caret: number) => void;
  readonly move: (step: number) => void;
  readonly close: () => void;
}

/** Of older suggestions those that what is typed since does not rule out; the others would be written to a wrong place. */
function stillFitting({ from, list }: Offers, text: string, caret: number): Offers {
  const typed = text.slice(from, caret).toLowerCase();
  const fitting = caret <= from ? [] : list.filter((offer) => offer.text.toLowerCase().includes(typed));
  return fitting.length === 0 ? NO_OFFERS : { from, to: caret, list: fitting };
}

/** Suggestions for the place of the caret, asked for when typing pauses; a newer question ends the one before. */
export function useOffers(complete: Complete | undefined): OffersState {
  const [offers, setOffers] = useState(NO_OFFERS);
  const [at, setAt] = useState(0);
  const [moved, setMoved] = useState(false);
  const running = useRef<AbortController | undefined>(undefined);

  const close = () => {
    running.current?.abort();
    setOffers(NO_OFFERS);
    setMoved(false);
  };
  const ask = (text: string, caret: number) => {
    if (complete === undefined) return;
    running.current?.abort();
    const stop = new AbortController();
    running.current = stop;
    setOffers((old) => stillFitting(old, text, caret));
    setAt(0);
    setMoved(false);
    const answer = async () => {
      // A suggestion that cannot be had is none; the query itself will say what is wrong.
      const found = await complete(text, caret, stop.signal).catch(() => NO_OFFERS);
      if (stop.signal.aborted) return;
      setOffers(found);
      setAt(0);
      setMoved(false);
    };
    const timer = setTimeout(() => void answer(), QUIET);
    stop.signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  };
  const move = (step: number) => {
    const count = offers.list.length;
    // The first step down chooses the first suggestion.
    setAt(moved ? (at + step + count) % count : step > 0 ? 0 : count - 1);
    setMoved(true);
  };
  useEffect(() => () => running.current?.abort(), []);
  return { offers, at, moved, ask, move, close };
}
