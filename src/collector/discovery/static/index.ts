export { staticConfigSchema, type StaticConfig } from './config.ts';
export { discoverStatic } from './discover.ts';
