export { fileSdSchema } from './config.ts';
export { discoverFiles } from './discover.ts';
