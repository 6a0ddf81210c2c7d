export { fanOut } from './fan-out.ts';
export { createLogs, type Logs, type LogsOptions, type LogsStatus } from './logs.ts';
export { logsSchema, type LogsConfig } from './config.ts';
export type { LogFileStatus } from './file-status.ts';
