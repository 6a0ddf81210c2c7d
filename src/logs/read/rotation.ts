import type { Checkpoint, CheckpointEntry } from './checkpoint.ts';
import { type Print, hasPrint, mayHavePrint, printOfHead } from './content.ts';
import { type OpenFile, closeFile, lookUp, openFile } from './identity.ts';
import { isCompressed, rotatedFrom } from './rotated.ts';
import { unpackedHead, unpackedSize } from './unpack.ts';

/** The file system's clock may be behind ours by a tick, milliseconds. */
const TICK = 20;

/** A rotated file: open, or packed and known by its first bytes. */
export type RotatedFile = { readonly path: string } & (
  { readonly open: OpenFile; readonly packed?: undefined } | { readonly open?: undefined; readonly packed: Print }
);

/** Finds what rotation made of files: renamed, copied, or packed. Files of which `isFollowed(key)` holds are left out. */
export class Rotation {
  readonly #checkpoint: Checkpoint;
  readonly #isFollowed: (key: string) => boolean;

  constructor(checkpoint: Checkpoint, isFollowed: (key: string) => boolean) {
    this.#checkpoint = checkpoint;
    this.#isFollowed = isFollowed;
  }

  /** Where the content of a print is now that was written at `path`, with more behind it or not; the newest such file. */
  find(path: string, print: Print): RotatedFile | undefined {
    if (print.headBytes === 0) return undefined;
    for (const other of rotatedFrom(path).reverse()) {
      const found = this.#open(other, (fd) => hasPrint(fd, print));
      if (found !== undefined) return found;
      if (isCompressed(other) && unpackedSize(other) >= print.at && mayHavePrint(unpackedHead(other), print))
        return { path: other, packed: print };
    }
    return undefined;
  }

  /**
   * Rotated files of a path that were written to after `since` (milliseconds) and never followed, oldest first: they began and
   * were rotated between two looks.
   */
  unseen(path: string, since: number): RotatedFile[] {
    // A print of the first bytes alone would be that of each file that begins with the same banner.
    const known = [...this.#checkpoint.finishedAt(path), ...this.#printsAt(path)].filter((print) => print.at > 0);
    const waiting = new Set([...this.#checkpoint.entries()].map((entry) => entry.packed));
    const found: RotatedFile[] = [];
    for (const other of rotatedFrom(path)) {
      const stats = lookUp(other);
      if ('reason' in stats || stats.size === 0 || stats.mtimeMs <= since - TICK) continue;
      if (isCompressed(other)) {
        const head = unpackedHead(other);
        const size = unpackedSize(other);
        const isKnown = known.some((print) => print.at === size && mayHavePrint(head, print));
        const isNew = head.length > 0 && !isKnown && !waiting.has(other);
        if (isNew) found.push({ path: other, packed: printOfHead(head) });
      } else {
        const open = this.#open(other, (fd) => !known.some((print) => hasPrint(fd, print)));
        if (open !== undefined) found.push(open);
      }
    }
    return found;
  }

  #printsAt(path: string): Print[] {
    return [...this.#checkpoint.entries()].filter((entry) => entry.path === path).map(({ print }) => print);
  }

  #open(path: string, isWanted: (fd: number) => boolean): RotatedFile | undefined {
    if (isCompressed(path)) return undefined;
    const stats = lookUp(path);
    if ('reason' in stats || this.#isFollowed(stats.key)) return undefined;
    const open = openFile(path);
    if ('reason' in open) return undefined;
    try {
      if (isWanted(open.fd)) return { path, open };
    } catch {
      // Unreadable now: it is looked at again at the next rotation.
    }
    return closeFile(open);
  }
}

/** Whether an entry says that the file held more than was accepted when it was last looked at. */
export function missingBytes({ size, accepted }: CheckpointEntry): number {
  return Math.max(0, size - accepted);
}
