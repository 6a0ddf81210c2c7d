import { startOwnServer } from '../api/own-server.ts';

/** A server in a process of its own, which a test attacks; prints where it answers, and ends with its standard input. */
const server = await startOwnServer();
process.stdout.write(`${server.url}\n`);
process.stdin.resume().on('end', () => void server.stop().then(() => process.exit(0)));
