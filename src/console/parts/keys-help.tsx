import type { RefObject } from 'preact';
import { PLACES } from '../lib/keys.ts';

const OTHERS = [
  ['Enter', 'run the query; with Shift a new line'],
  ['↓ ↑', 'choose a suggestion; Enter or Tab takes it'],
  ['Esc', 'leave the box, close this'],
] as const;

/** The keys of the console. */
export function KeysHelp({ dialog }: { dialog: RefObject<HTMLDialogElement | null> }) {
  return (
    <dialog ref={dialog} aria-label="Keys" class="help">
      <h2>Keys</h2>
      <dl>
        <dt>
          <kbd>/</kbd>
        </dt>
        <dd>to the search box</dd>
        {PLACES.flatMap(({ name, key }) => [
          <dt key={`${key}-key`}>
            <kbd>g</kbd> <kbd>{key}</kbd>
          </dt>,
          <dd key={key}>{name}</dd>,
        ])}
        {OTHERS.flatMap(([key, what]) => [
          <dt key={`${key}-key`}>
            <kbd>{key}</kbd>
          </dt>,
          <dd key={key}>{what}</dd>,
        ])}
      </dl>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}
