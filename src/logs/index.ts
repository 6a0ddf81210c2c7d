export { fanOut } from './fan-out.ts';
export { createLogs, type Logs, type LogsOptions, type LogsStatus } from './logs.ts';
export { logsSchema, type LogsConfig } from './config.ts';
export type { LogFileStatus } from './file-status.ts';
export { elasticsearchSchema, type ElasticsearchConfig } from './elasticsearch/config.ts';
export { createElasticsearchSink, type ElasticsearchSink } from './elasticsearch/sink.ts';
