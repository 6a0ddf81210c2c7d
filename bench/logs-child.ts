// The program under measurement: follows the files of a folder to their end and ships them by bulk. Prints what it took.
import { createElasticsearchSink, createLogs, elasticsearchSchema, logsSchema } from '../src/logs/index.ts';
import { createLogger } from '../src/lib/logger.ts';
import { sleep } from '../src/lib/sleep.ts';

const [, , folder, url, dataDir, bytes, settings = '{}'] = process.argv;
const { logs: logSettings = {}, sink: sinkSettings = {} } = JSON.parse(settings) as Record<string, object>;
const logger = createLogger({ level: 'warn' });
const config = logsSchema.parse({ containers: 'true', containers_path: folder, files: [], ...logSettings });
const sinkConfig = elasticsearchSchema.parse({ elasticsearch: url, ...sinkSettings });
const sink = createElasticsearchSink(sinkConfig, logger, dataDir);
const identity = {
  'orchestrator.cluster.name': 'prod-eu-1',
  'cloud.region': 'eu-west-1',
  'cloud.availability_zone': 'dub2',
};
const logs = createLogs({ config, ship: sink.ship, dataDir, identity, hostname: 'node-1', perFile: 4, logger });

const started = performance.now();
await sink.start();
await logs.start();
const done = () => logs.files().reduce((sum, file) => sum + file.offset, 0) >= Number(bytes);
while (!done()) await sleep(20);
const seconds = (performance.now() - started) / 1000;
const lines = logs.files().reduce((sum, file) => sum + file.lines, 0);
await logs.stop();
await sink.stop();
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
console.log(
  JSON.stringify({
    seconds,
    cpu: (userCPUTime + systemCPUTime) / 1e6,
    user: userCPUTime / 1e6,
    rss: maxRSS * 1024,
    lines,
  }),
);
