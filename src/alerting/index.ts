export { type Alerting, createAlerting } from './alert-manager.ts';
export type { AlertingConfig } from './config.ts';
