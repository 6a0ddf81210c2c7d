import { type ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { type Complete, type Suggestion, completed } from '../lib/complete.ts';
import { clipped } from '../lib/text.ts';
import { useOffers } from './use-offers.ts';

interface QueryBoxProps {
  readonly value: string;
  readonly label: string;
  readonly placeholder: string;
  /** The text with its colours, drawn behind what is typed. */
  readonly colours: (text: string) => ComponentChildren;
  /** What may stand at the caret; nothing by default. */
  readonly complete?: Complete;
  readonly onRun: (value: string) => void;
  /** What stands behind the button that runs the query. */
  readonly children?: ComponentChildren;
}

/** A role that the types do not know of a text area, which is the only one that can hold a query of several lines. */
const COMBOBOX: Readonly<Record<string, string>> = { role: 'combobox' };

/** Behind this many characters a text is drawn without colours: a box of 100,000 must still take each key at once. */
const MOST_COLOURED = 5000;

/** A box for one query: Enter runs it, Shift-Enter is a new line. Completion follows the ARIA pattern of a combobox. */
export function QueryBox({ value, label, placeholder, colours, complete, onRun, children }: QueryBoxProps) {
  const [text, setText] = useState(value);
  const { offers, at, moved, ask, move, close } = useOffers(complete);
  const box = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  useEffect(() => setText(value), [value]);

  const onInput = (next: string) => {
    setText(next);
    ask(next, box.current?.selectionStart ?? next.length);
  };
  const take = (offer: Suggestion) => {
    const done = completed(text, offers, offer);
    setText(done.text);
    close();
    requestAnimationFrame(() => {
      box.current?.focus();
      box.current?.setSelectionRange(done.caret, done.caret);
    });
  };
  const run = () => {
    close();
    onRun(text.trim());
  };
  const open = offers.list.length > 0;
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.isComposing) return;
    if (open && step !== undefined) {
      event.preventDefault();
      return move(step);
    }
    // Enter runs what is typed, unless a suggestion was chosen with the arrows.
    if (open && (event.key === 'Tab' || (event.key === 'Enter' && moved)) && !event.shiftKey) {
      event.preventDefault();
      return take(offers.list[at]);
    }
    if (open && event.key === 'Escape') {
      event.stopPropagation();
      return close();
    }
    if (event.key === ' ' && event.ctrlKey) {
      event.preventDefault();
      return ask(text, box.current?.selectionStart ?? text.length);
    }
    if (event.key !== 'Enter' || event.shiftKey) return;
    event.preventDefault();
    run();
  };

  return (
    <div class="query-box">
      <div class="editor">
        <div class="editor-text">
          <pre aria-hidden="true">
            {colours(text.slice(0, MOST_COLOURED))}
            {text.slice(MOST_COLOURED)}
            {'\n'}
          </pre>
          <textarea
            ref={box}
            data-search
            rows={1}
            {...COMBOBOX}
            spellcheck={false}
            autocapitalize="off"
            autocomplete="off"
            aria-label={label}
            aria-autocomplete={complete === undefined ? 'none' : 'list'}
            aria-haspopup="listbox"
            aria-expanded={open}
            aria-controls={`${id}-list`}
            aria-activedescendant={open && moved ? `${id}-${at}` : undefined}
            placeholder={placeholder}
            value={text}
            onInput={(event) => onInput(event.currentTarget.value)}
            onKeyDown={onKeyDown}
            onBlur={close}
          />
        </div>
        <ul class="offers" id={`${id}-list`} role="listbox" aria-label="Suggestions" hidden={!open}>
          {offers.list.map((offer, i) => (
            <li
              key={offer.text}
              id={`${id}-${i}`}
              role="option"
              aria-selected={i === at}
              onMouseDown={(event) => {
                event.preventDefault();
                take(offer);
              }}
            >
              <span class="mono">{clipped(offer.text, 200)}</span>{' '}
              <span class="quiet">{clipped(offer.about, 200)}</span>
            </li>
          ))}
        </ul>
        <span class="unseen" role="status">
          {open ? `${offers.list.length} suggestions` : ''}
        </span>
      </div>
      <button type="button" class="primary" onClick={run}>
        Run
      </button>
      {children}
    </div>
  );
}
