export { storeSchema } from './config.ts';
export { openStore } from './open.ts';
export type { Store } from './types.ts';
