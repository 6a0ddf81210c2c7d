export { elasticsearchSchema } from './sinks/elasticsearch/config.ts';
export { createElasticsearchSink, type ElasticsearchSink } from './sinks/elasticsearch/sink.ts';
export type { PodRef } from './enrich.ts';
export { logsSchema } from './config.ts';
export type { LogDestination } from './follower.ts';
export { createLogs, type Logs } from './logs.ts';
