export { elasticsearchSchema } from './elasticsearch/config.ts';
export { createElasticsearchSink, type ElasticsearchSink } from './elasticsearch/sink.ts';
export { fanOut } from './fan-out.ts';
export { logsSchema } from './config.ts';
export { createLogs, type Logs } from './logs.ts';
