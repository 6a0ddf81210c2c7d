export { type Alerting, createAlerting } from './alerting.ts';
export type { AlertingConfig } from './config.ts';
