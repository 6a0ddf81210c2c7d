/**
 * The other side, at no cost: `receiver.ts PORT` answers 204 to remote write and an empty success to Elasticsearch's bulk, at
 * once, and counts. /received answers `{writeBytes, bulkBytes, lastBulk}`, the last in milliseconds since the epoch.
 */
import http from 'node:http';

const received = { writeBytes: 0, bulkBytes: 0, lastBulk: 0 };

http
  .createServer((request, response) => {
    if (request.url === '/received') return void response.end(JSON.stringify(received));
    if (request.method === 'GET' || request.method === 'HEAD') return void response.writeHead(404).end('{}');
    const write = request.url?.startsWith('/api/v1/write');
    request.on('data', (chunk: Buffer) => (received[write ? 'writeBytes' : 'bulkBytes'] += chunk.length));
    request.on('end', () => {
      if (write) return void response.writeHead(204).end();
      received.lastBulk = Date.now();
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"errors":false,"took":1}');
    });
  })
  .listen(Number(process.argv[2]), '127.0.0.1');
