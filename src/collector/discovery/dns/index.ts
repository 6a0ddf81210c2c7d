export { dnsSdSchema, type DnsSdConfig } from './config.ts';
export { discoverDns } from './discover.ts';
