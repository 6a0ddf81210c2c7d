export { httpSdSchema, type HttpSdConfig } from './config.ts';
export { discoverHttp } from './discover.ts';
