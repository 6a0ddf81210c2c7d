export { elasticsearchSchema } from './sinks/elasticsearch/config.ts';
export { createElasticsearchSink, type ElasticsearchSink } from './sinks/elasticsearch/sink.ts';
export { fanOut } from './sinks/fan-out.ts';
export { logsSchema } from './config.ts';
export { createLogs, type Logs } from './logs.ts';
