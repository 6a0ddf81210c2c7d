import { isCustom } from '../../model/histogram-schema.ts';

export { CUSTOM_SCHEMA, isCustom } from '../../model/histogram-schema.ts';

/** Upper bound of bucket `index` on the positive side; with custom bounds, index -1 gives -Infinity and the last one +Infinity. */
export function upperBound(index: number, schema: number, customValues: readonly number[]): number {
  if (!isCustom(schema)) return exponentialBound(index, schema);
  if (index < 0) return -Infinity;
  return index < customValues.length ? customValues[index] : Infinity;
}

/**
 * The bound that would be 2^1024 is the largest finite number instead: past it lies only the bucket of ±Inf.
 */
export function exponentialBound(index: number, schema: number): number {
  if (schema < 0) {
    const exponent = index * 2 ** -schema;
    return exponent === 1024 ? Number.MAX_VALUE : 2 ** exponent;
  }
  const perDoubling = 2 ** schema;
  const exponent = Math.floor(index / perDoubling);
  const fraction = fractionsOf(schema)[index - exponent * perDoubling];
  return exponent === 1024 && fraction === 1 ? Number.MAX_VALUE : fraction * 2 ** exponent;
}

/** The bucket of a coarser schema that holds bucket `index` of `schema`. */
export function targetIndex(index: number, schema: number, target: number): number {
  return schema === target ? index : ((index - 1) >> (schema - target)) + 1;
}

const fractions = new Map<number, readonly number[]>();

/** 2^(i/2^schema) for each i. */
function fractionsOf(schema: number): readonly number[] {
  const known = fractions.get(schema);
  if (known !== undefined) return known;
  const made = schema === 0 ? [1] : refine(fractionsOf(schema - 1), growthOf(schema));
  fractions.set(schema, made);
  return made;
}

/** Every second bound is taken from the coarser schema, so that schemas share their bounds and errors do not add up. */
function refine(coarser: readonly number[], growth: number): number[] {
  return coarser.flatMap((bound) => [bound, bound * growth]);
}

/** Prometheus' table was made with a square root of 2 that is one unit too low; bounds must agree with it to the bit. */
function growthOf(schema: number): number {
  return schema === 1 ? 1.414213562373095 : 2 ** (2 ** -schema);
}
