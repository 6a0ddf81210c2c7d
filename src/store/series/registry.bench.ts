import { Labels } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import { SeriesRegistry } from './registry.ts';

/** Finding series by matchers among 115 k of 870 pods. Run: `npx tsx src/store/registry.bench.ts`. */
const APPS = ['checkout', 'cart', 'catalog', 'payment', 'search', 'frontend', 'mail', 'stock', 'offers', 'login'];

const registry = new SeriesRegistry();
for (let node = 0; node < 10; node++) {
  for (let pod = 0; pod < 87; pod++) {
    const app = APPS[pod % APPS.length];
    for (let i = 0; i < 132; i++) {
      registry.add(
        Labels.of({
          __name__: `container_metric_${i % 66}_total`,
          id: `/kubepods/pod${node * 87 + pod}/container${i >> 6}`,
          namespace: `shop-${pod % 7}`,
          pod: `${app}-${(node * 7919 + pod * 104_729).toString(36)}${pod % 10}-x${pod.toString(36)}`,
          container: `c${i >> 6}`,
          job: 'cadvisor',
          instance: `10.0.0.${node}:10250`,
          device: `d${i}`,
        }),
      );
    }
  }
}

const rows: Matcher[][] = [
  [{ name: '__name__', op: '=', value: 'container_metric_7_total' }],
  [{ name: '__name__', op: '=', value: 'container_metric_7_total' }, { name: 'container', op: '!=', value: '' }],
  [{ name: '__name__', op: '=', value: 'container_metric_7_total' }, { name: 'pod', op: '=~', value: '(checkout|cart)-.*[0-4]-.*' }],
  [{ name: '__name__', op: '=~', value: 'container_.+' }, { name: 'pod', op: '=~', value: '(checkout|cart)-.*[0-4]-.*' }],
  [{ name: '__name__', op: '=~', value: 'container_.+' }, { name: 'pod', op: '!~', value: '(checkout|cart)-.*' }],
  [{ name: 'job', op: '=', value: 'cadvisor' }, { name: 'id', op: '=~', value: '/kubepods/.*9/.*' }],
  [{ name: 'job', op: '=', value: 'cadvisor' }, { name: 'namespace', op: '!=', value: 'shop-1' }],
  [{ name: 'namespace', op: '=~', value: 'shop-1|shop-2' }, { name: 'container', op: '=', value: 'c1' }],
]; // prettier-ignore

console.log(`${registry.size} series; the quickest and the median of 60, ms`);
for (const matchers of rows) {
  const times: number[] = [];
  let found = 0;
  for (let i = 0; i < 60; i++) {
    const at = performance.now();
    found = registry.match(matchers).length;
    times.push(performance.now() - at);
  }
  times.sort((a, b) => a - b);
  const title = matchers.map(({ name, op, value }) => `${name}${op}"${value}"`).join(', ');
  console.log(`${times[0].toFixed(2).padStart(7)} ${times[30].toFixed(2).padStart(7)}  ${title} → ${found}`);
}
