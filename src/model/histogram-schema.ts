/** Schemas -4…8 divide each power of two into 2^schema buckets; -53 has bounds of its own (source: model/histogram of Prometheus). */
export const CUSTOM_SCHEMA = -53;
const SCHEMA_MIN = -4;
/** The finest resolution that is stored. */
export const SCHEMA_MAX = 8;
/** The finest that a sender may use; it is reduced to {@link SCHEMA_MAX}, as in Prometheus. */
const SCHEMA_REDUCIBLE = 52;

export function isCustom(schema: number): boolean {
  return schema === CUSTOM_SCHEMA;
}

export function isExponential(schema: number): boolean {
  return schema >= SCHEMA_MIN && schema <= SCHEMA_MAX;
}

/** Schemas that are too fine to be stored and can be reduced. */
export function isReducible(schema: number): boolean {
  return schema > SCHEMA_MAX && schema <= SCHEMA_REDUCIBLE;
}
