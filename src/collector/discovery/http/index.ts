export { httpSdSchema } from './config.ts';
export { discoverHttp } from './discover.ts';
