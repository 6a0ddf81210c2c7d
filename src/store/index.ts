export { openStore } from './open.ts';
export { storeSchema } from './config.ts';
export type { StoreConfig } from './config.ts';
export { StoreError } from './errors.ts';
export type { AlertHistoryQuery, Fault, SeriesExemplars, SeriesSelection, Store, StoreOptions } from './types.ts';
