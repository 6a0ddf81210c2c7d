import { Text } from './text.tsx';

export type Grade = 'good' | 'warn' | 'bad' | 'off';

const GLYPHS: Readonly<Record<Grade, string>> = { good: '●', warn: '▲', bad: '■', off: '○' };

/** A state by shape, colour and word, so that none of them is needed alone. */
export function State({ grade, children }: { grade: Grade; children: string }) {
  return (
    <span class={`state ${grade}`}>
      <span aria-hidden="true">{GLYPHS[grade]}</span> {children}
    </span>
  );
}

/** The error of a request. What the page shows below it is older than the error. */
export function Failure({ error }: { error: string }) {
  if (error === '') return null;
  return (
    <p class="failure" role="alert">
      <Text of={error} most={2000} />
    </p>
  );
}

export function Loading() {
  return (
    <p class="quiet" role="status">
      Loading …
    </p>
  );
}
