export { createAlerting } from './alert-manager.ts';
export type { Alerting } from './types.ts';
export type { AlertingConfig } from './config.ts';
