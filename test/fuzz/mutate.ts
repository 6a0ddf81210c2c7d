import { Random } from '../promql/random.ts';

/** Bytes that an input may grow to. */
const LONGEST = 64 * 1024;

/** Bytes and texts at the edges of most formats. */
const EDGES: readonly Buffer[] = [
  '', '\0', '\n', '\r\n', ' ', '\t', '"', "'", '`', '\\', '{', '}', '[', ']', '(', ')', ',', ':', ';', '#', '-', '+', '=', '%', '&', '0', '-1', '1e999', 'NaN', 'Inf', '9223372036854775807', '9223372036854775808', '18446744073709551615', '4294967296', '1e-320', '\ufeff', '\u2028', '😀', 'null', 'true', '__proto__', 'constructor', '%s', '../', '{{', '}}',
].map((text) => Buffer.from(text)).concat([[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0x80], Array<number>(10).fill(0xff), [0xff, 0xff, 0xff, 0xff, 0x0f]].map((bytes) => Buffer.from(bytes))); // prettier-ignore

/** Case `index` of a run: one of the seeds with a few changes, the same for the same numbers. */
export function fuzzCase(
  seed: number,
  index: number,
  seeds: readonly (string | Buffer)[],
  words: readonly string[],
): Buffer {
  const random = new Random((seed * 1_000_003 + index * 7919) | 0);
  const all = seeds.map((one) => Buffer.from(one as string));
  let bytes: Buffer = random.pick(all);
  // Most cases are near to a good one; a few are far from any.
  const changes = random.chance(0.1) ? random.int(5, 30) : random.int(0, 4);
  for (let i = 0; i < changes; i++) bytes = change(random, bytes, all, words);
  return bytes.subarray(0, LONGEST);
}

function change(random: Random, bytes: Buffer, seeds: readonly Buffer[], words: readonly string[]): Buffer {
  const from = random.int(0, bytes.length);
  const to = Math.min(bytes.length, from + Math.ceil(random.next() ** 3 * 64));
  const [before, part, after] = [bytes.subarray(0, from), bytes.subarray(from, to), bytes.subarray(to)];
  const word = (): Buffer => (words.length > 0 && random.chance(0.6) ? Buffer.from(random.pick(words)) : random.pick(EDGES)); // prettier-ignore
  switch (random.int(0, 8)) {
    case 0:
      return Buffer.concat([before, after]);
    case 1:
      return Buffer.concat([before, word(), bytes.subarray(from)]);
    case 2:
      return Buffer.concat([before, word(), after]);
    case 3:
      return Buffer.concat([before, part, part, after]);
    case 4:
      return Buffer.concat([before, ...Array<Buffer>(random.int(2, 400)).fill(random.chance(0.5) ? part : word()), after]); // prettier-ignore
    case 5: {
      const other = random.pick(seeds);
      return Buffer.concat([before, other.subarray(random.int(0, other.length))]);
    }
    case 6:
      return random.chance(0.3) ? before : Buffer.concat([after, before]);
    default: {
      const changed = Buffer.from(bytes);
      if (from < changed.length) changed[from] = random.chance(0.5) ? random.int(0, 255) : changed[from] ^ (1 << random.int(0, 7)); // prettier-ignore
      return changed;
    }
  }
}
