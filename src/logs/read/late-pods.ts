import { type PodRef, type Surroundings, enrich, podOf } from '../enrich.ts';
import type { TailedFile } from './tail.ts';

/** How long the first records of a container wait for what is known of its pod, milliseconds. */
const HOLD_MS = 2000;
/** How long it is looked for, milliseconds: the id of a container is known a second or two after its first line. */
const SEARCH_MS = 60_000;

interface Search {
  readonly pod: PodRef;
  since: number | undefined;
  holds: boolean;
}

/**
 * The kubelet makes a log file before the API server tells of its container. The first records of such a file are held back for
 * a short time, and later ones carry what became known.
 */
export class LatePods {
  readonly #surroundings: Surroundings;
  /** Null where nothing is looked for any more. */
  readonly #searches = new WeakMap<TailedFile, Search | null>();

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  /** Whether the file's records wait for their pod. */
  holds(file: TailedFile): boolean {
    return this.#searchOf(file)?.holds === true;
  }

  /** Gives the file's records what has become known; to be called again and again. */
  complete(file: TailedFile, now: number): void {
    const search = this.#searchOf(file);
    if (search === null) return;
    search.since ??= now;
    const fields = this.#surroundings.podFields?.(search.pod);
    if (fields !== undefined) {
      search.holds = false;
      file.follow(file.path, file.rule, enrich(file.path, this.#surroundings, file.rule.fields));
    }
    if (now - search.since >= HOLD_MS) search.holds = false;
    if (isComplete(fields) || now - search.since >= SEARCH_MS) this.#searches.set(file, null);
  }

  #searchOf(file: TailedFile): Search | null {
    const known = this.#searches.get(file);
    if (known !== undefined) return known;
    const { podFields } = this.#surroundings;
    const pod = podFields === undefined ? undefined : podOf(file.path);
    const fields = pod === undefined ? undefined : podFields?.(pod);
    const search =
      pod === undefined || isComplete(fields) ? null : { pod, since: undefined, holds: fields === undefined };
    this.#searches.set(file, search);
    return search;
  }
}

function isComplete(fields: Readonly<Record<string, string>> | undefined): boolean {
  return fields?.['container.id'] !== undefined;
}
