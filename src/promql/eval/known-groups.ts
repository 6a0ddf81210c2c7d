import type { Labels } from '../../model/labels.ts';

/** Which group each row belongs to, and the labels of each group. */
export interface Groups {
  readonly of: Int32Array;
  readonly labels: readonly Labels[];
  /** With delayed name removal: groups whose name goes in the end. */
  readonly dropName: Uint8Array | undefined;
}

/**
 * How lists of labels were grouped before, by the identity of the list: a store hands out the same one as long as the same
 * series answer, and the rules over them group it in the same few ways. Goes when the store lets go of the list.
 * Price: four bytes a series for each way.
 */
export class KnownGroups {
  readonly #known = new WeakMap<readonly Labels[], Map<string, Groups>>();

  /** The list will be handed out again, never changed. */
  admit(labels: readonly Labels[]): void {
    if (!this.#known.has(labels)) this.#known.set(labels, new Map());
  }

  /** Undefined for a list that was not admitted. */
  of(labels: readonly Labels[]): Map<string, Groups> | undefined {
    return this.#known.get(labels);
  }
}
