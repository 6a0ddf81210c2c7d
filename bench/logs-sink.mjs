// Answers every bulk request at once, as an Elasticsearch that costs nothing would. Prints its port.
import { createServer } from 'node:http';

let bytes = 0;
const server = createServer((request, response) => {
  if (request.method === 'GET') return void response.writeHead(404).end('{}');
  request.on('data', (chunk) => (bytes += chunk.length));
  request.on('end', () => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"errors":false,"took":1}');
  });
});
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => console.log(server.address().port));
process.on('SIGTERM', () => {
  console.log(bytes);
  process.exit();
});
