/**
 * Nodes that are scraped: `target.ts PORT…` serves on each port the cAdvisor page of a node with 13.4 k series (or `PODS=n`
 * pods), its values moved at each scrape. The first port also answers /served: `{pages, series}` over all ports.
 */
import http from 'node:http';
import { type GeneratedSeries, MovingValues, cadvisorSeries } from './cadvisor.ts';

const pods = Number(process.env.PODS ?? 101);
const served = { pages: 0, series: 0 };

process.argv.slice(2).forEach((port, node) => {
  const series = cadvisorSeries(node, pods);
  served.series += series.length;
  const page = createPage(series);
  http
    .createServer((request, response) => {
      if (request.url === '/served') return void response.end(JSON.stringify(served));
      served.pages++;
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(page());
    })
    .listen(Number(port), '127.0.0.1');
});

/** Lines in cAdvisor's order, each with the time at which its cgroup was read, as a kubelet gives them. */
function createPage(series: readonly GeneratedSeries[]): () => string {
  const moving = new MovingValues(series);
  const heads = series.map(({ name, labels, kind }, i) => {
    const pairs = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
    const first = i === 0 || series[i - 1].name !== name;
    const comment = first ? `# HELP ${name} Of the cgroup, as cAdvisor has it.\n# TYPE ${name} ${typeOf(kind)}\n` : '';
    return `${comment}${name}{${pairs.sort().join(',')}} `;
  });
  return () => {
    moving.step();
    const now = Date.now();
    return heads.map((head, i) => `${head}${moving.values[i]} ${now - ((i * 131) % 4000)}\n`).join('');
  };
}

function typeOf(kind: GeneratedSeries['kind']): string {
  return kind === 'counter' ? 'counter' : 'gauge';
}
