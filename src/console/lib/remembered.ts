import { type Signal, effect, signal } from '@preact/signals';

/** A setting of this browser that outlives the page. Where the browser keeps nothing, it lasts as long as the page. */
export function remembered<T>(name: string, initial: T): Signal<T> {
  const kept = signal(read(name, initial));
  effect(() => write(name, kept.value));
  return kept;
}

function read<T>(name: string, initial: T): T {
  try {
    const text = localStorage.getItem(`crowsnest.${name}`);
    const parsed = text === null ? initial : (JSON.parse(text) as T);
    // Another version may have kept something else there.
    return typeof parsed === typeof initial && Array.isArray(parsed) === Array.isArray(initial) ? parsed : initial;
  } catch {
    return initial;
  }
}

function write(name: string, value: unknown): void {
  try {
    localStorage.setItem(`crowsnest.${name}`, JSON.stringify(value));
  } catch {
    // Private windows may refuse; the setting then ends with the page.
  }
}
