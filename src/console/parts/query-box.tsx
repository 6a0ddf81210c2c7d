import { type ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Suggestion, completed, suggest } from '../lib/complete.ts';

interface QueryBoxProps {
  readonly value: string;
  readonly label: string;
  readonly placeholder: string;
  /** The text with its colours, drawn behind what is typed. */
  readonly colours: (text: string) => ComponentChildren;
  /** Words for the place before the caret; none by default. */
  readonly words?: (before: string) => Promise<readonly Suggestion[]>;
  readonly onRun: (value: string) => void;
}

/** A box for one query: Enter runs it, Shift-Enter is a new line, words are completed while typing. */
export function QueryBox({ value, label, placeholder, colours, words, onRun }: QueryBoxProps) {
  const [text, setText] = useState(value);
  const [offers, setOffers] = useState<readonly Suggestion[]>([]);
  const [at, setAt] = useState(0);
  const box = useRef<HTMLTextAreaElement>(null);
  useEffect(() => setText(value), [value]);

  const onInput = async (next: string) => {
    setText(next);
    if (words === undefined) return;
    const found = await suggest(next.slice(0, box.current?.selectionStart ?? next.length), words);
    if (box.current?.value !== next) return;
    setOffers(found);
    setAt(0);
  };
  const take = (offer: Suggestion) => {
    const element = box.current;
    if (element === null) return;
    const done = completed(text, element.selectionStart, offer);
    setText(done.text);
    setOffers([]);
    requestAnimationFrame(() => {
      element.focus();
      element.setSelectionRange(done.caret, done.caret);
    });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (offers.length > 0) {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step !== undefined) {
        event.preventDefault();
        return setAt((at + step + offers.length) % offers.length);
      }
      if (event.key === 'Tab') {
        event.preventDefault();
        return take(offers[at]);
      }
      if (event.key === 'Escape') {
        event.stopPropagation();
        return setOffers([]);
      }
    }
    if (event.key !== 'Enter' || event.shiftKey) return;
    event.preventDefault();
    setOffers([]);
    onRun(text.trim());
  };

  return (
    <div class="query-box">
      <div class="editor">
        <pre aria-hidden="true">
          {colours(text)}
          {'\n'}
        </pre>
        <textarea
          ref={box}
          data-search
          rows={1}
          spellcheck={false}
          autocapitalize="off"
          autocomplete="off"
          aria-label={label}
          aria-autocomplete="list"
          placeholder={placeholder}
          value={text}
          onInput={(event) => void onInput(event.currentTarget.value)}
          onKeyDown={onKeyDown}
          onBlur={() => setOffers([])}
        />
        {offers.length > 0 && (
          <ul class="offers" role="listbox" aria-label="Suggestions">
            {offers.map((offer, i) => (
              <li
                key={offer.text}
                role="option"
                aria-selected={i === at}
                onMouseDown={(event) => {
                  event.preventDefault();
                  take(offer);
                }}
              >
                <span class="mono">{offer.text}</span> <span class="quiet">{offer.about}</span>
              </li>
            ))}
          </ul>
        )}
      </div>
      <button type="button" class="primary" onClick={() => onRun(text.trim())}>
        Run
      </button>
    </div>
  );
}
