import protobuf from 'protobufjs/minimal.js';
import snappy from 'snappy';
import { Labels } from '../src/model/labels.ts';
import type { SeriesLayout } from '../src/model/sample.ts';
import { Encoder } from '../src/remote-write/encode.ts';
import { type GeneratedSeries, MovingValues, cadvisorSeries } from './cadvisor.ts';
import { type Program, request } from './program.ts';

/** What Prometheus sends by default, from as many shards as a busy sender has. */
const SAMPLES_PER_REQUEST = 2000;
const AT_ONCE = 16;

/** Someone who takes remote write, with what it has cost. */
export interface Taker {
  readonly program: Program;
  readonly url: string;
  /** Milliseconds spent waiting for it. */
  waited: number;
}

export function taker({ program, url }: Omit<Taker, 'waited'>): Taker {
  return { program, url, waited: 0 };
}

/** Nodes with cAdvisor series, with instance, job and node as a scrape would put them on. */
export function clusterSeries(nodes: number, pods: number): GeneratedSeries[] {
  return Array.from({ length: nodes }, (_, node) =>
    cadvisorSeries(node, pods).map(({ labels, ...rest }) => ({
      ...rest,
      labels: {
        ...labels,
        job: 'cadvisor',
        instance: `10.0.0.${node}:10250`,
        node: `node-${node}`,
        cluster: 'prod-eu-1',
      },
    })),
  ).flat();
}

/** Scrape rounds of the same series, written to all takers one after the other. */
export class Rounds {
  readonly series: number;
  readonly #layout: SeriesLayout;
  readonly #moving: MovingValues;
  readonly #encoder = new Encoder(SAMPLES_PER_REQUEST, 4);

  constructor(series: readonly GeneratedSeries[]) {
    this.series = series.length;
    this.#moving = new MovingValues(series);
    this.#layout = { series: series.map(({ name, labels }) => ({ labels: Labels.of({ ...labels, __name__: name }) })) };
  }

  async write(time: number, takers: readonly Taker[]): Promise<void> {
    this.#moving.step();
    const { values } = this.#moving;
    const blocks = await this.#encoder.encode({
      layout: this.#layout,
      values,
      timestamps: new Float64Array(values.length).fill(time),
    });
    for (const each of takers) {
      const started = performance.now();
      await post(each.url, blocks.map(({ payload }) => payload)); // prettier-ignore
      each.waited += performance.now() - started;
    }
  }
}

/** One series with many samples, oldest first. */
export async function writeLine(
  labels: Labels,
  samples: readonly (readonly [time: number, value: number])[],
  takers: readonly Taker[],
): Promise<void> {
  for (let from = 0; from < samples.length; from += SAMPLES_PER_REQUEST) {
    const writer = protobuf.Writer.create().uint32(0x0a).fork();
    for (const [name, value] of labels.entries())
      writer.uint32(0x0a).fork().uint32(0x0a).string(name).uint32(0x12).string(value).ldelim();
    for (const [time, value] of samples.slice(from, from + SAMPLES_PER_REQUEST))
      writer.uint32(0x12).fork().uint32(0x09).double(value).uint32(0x10).int64(time).ldelim();
    const payload = await snappy.compress(Buffer.from(writer.ldelim().finish()));
    for (const { url } of takers) await post(url, [payload]);
  }
}

async function post(url: string, payloads: readonly Buffer[]): Promise<void> {
  const waiting = [...payloads];
  const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' };
  const send = async () => {
    for (let body = waiting.pop(); body !== undefined; body = waiting.pop()) {
      const answer = await request(`${url}/api/v1/write`, { method: 'POST', headers, body });
      if (answer.status >= 300)
        throw new Error(`${url} answered a write with ${answer.status}: ${answer.body.toString().slice(0, 300)}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, send));
}
