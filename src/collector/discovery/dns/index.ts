export { dnsSdSchema } from './config.ts';
export { discoverDns } from './discover.ts';
