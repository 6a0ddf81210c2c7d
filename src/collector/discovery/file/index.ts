export { fileSdSchema, type FileSdConfig } from './config.ts';
export { discoverFiles } from './discover.ts';
