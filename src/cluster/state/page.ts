import type { Rendered } from './render.ts';
import { headOf } from './render.ts';
import type { ResourceState } from './resource-state.ts';

/** Written in pieces of this size, so that no page lies in memory as a whole. */
const PIECE_BYTES = 256 * 1024;

/**
 * The page of kube-state-metrics in pieces: resource by resource, family by family. It shows all objects as they are at the
 * first piece. Resources without objects are not on it.
 */
export function* pageOf(resources: readonly ResourceState[]): Generator<Buffer> {
  const taken = resources.map((resource) => ({ families: resource.families, entries: resource.entries() }));
  const piece = new Piece();
  for (const { families, entries } of taken) {
    if (entries.length === 0) continue;
    for (const [index, family] of families.entries()) {
      yield* piece.add(Buffer.from(headOf(family)));
      for (const entry of entries) {
        const lines = linesOf(entry, index);
        if (lines !== undefined) yield* piece.add(lines);
      }
    }
  }
  yield* piece.rest();
}

function linesOf({ bytes, ends }: Rendered, index: number): Buffer | undefined {
  const start = index === 0 ? 0 : ends[index - 1];
  return ends[index] === start ? undefined : bytes.subarray(start, ends[index]);
}

class Piece {
  #buffer = Buffer.allocUnsafe(PIECE_BYTES);
  #length = 0;

  *add(bytes: Buffer): Generator<Buffer> {
    if (this.#length + bytes.length > PIECE_BYTES) yield* this.rest();
    if (bytes.length > PIECE_BYTES) {
      yield bytes;
      return;
    }
    this.#length += bytes.copy(this.#buffer, this.#length);
  }

  *rest(): Generator<Buffer> {
    if (this.#length === 0) return;
    const full = this.#buffer.subarray(0, this.#length);
    // The reader may keep it.
    this.#buffer = Buffer.allocUnsafe(PIECE_BYTES);
    this.#length = 0;
    yield full;
  }
}
