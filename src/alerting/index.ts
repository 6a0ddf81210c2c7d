export { type Alerting, type AlertingOptions, createAlerting } from './alerting.ts';
export { type AlertingConfig, alertingSchema } from './config.ts';
export type { Playbook } from './playbooks.ts';
