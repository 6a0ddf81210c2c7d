import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readState, writeState } from '../../../src/alerting/evaluate/state-file.ts';
import { NotificationLog } from '../../../src/alerting/notification-log.ts';
import { OutboxFile } from '../../../src/alerting/outbox/file.ts';
import { quietLogger } from '../../../src/alerting/testing.ts';
import { DiskQueue } from '../../../src/lib/durable/disk-queue.ts';
import { Journal } from '../../../src/lib/durable/journal.ts';
import { Checkpoint } from '../../../src/logs/read/checkpoint.ts';
import { Labels } from '../../../src/model/labels.ts';
import type { FuzzTarget } from '../target.ts';

/** One kind of file: how a good one is made in an empty folder, its name, and how it is opened again. */
interface Kind {
  make(folder: string): Promise<string>;
  open(folder: string, path: string): Promise<void>;
}

const queueOf = (folder: string): Promise<DiskQueue> =>
  DiskQueue.open({ folder, maxBytes: 1 << 20, memoryBytes: 0, onDropped: () => undefined });

async function makeQueue(folder: string, file: RegExp): Promise<string> {
  const queue = await queueOf(folder);
  await queue.append([1, 2, 3].map((i) => ({ payload: Buffer.from(`entry ${i}`), items: i, tag: 0 })));
  await queue.close();
  return readdirSync(folder).find((name) => file.test(name)) ?? 'position.json';
}

async function openQueue(folder: string): Promise<void> {
  const queue = await queueOf(folder);
  await queue.append([{ payload: Buffer.from('neighbour'), items: 1, tag: 0 }]);
  let last = '';
  while (last !== 'neighbour') {
    const ticket = await queue.next();
    if (ticket === undefined) throw new Error('what was appended after damage does not come out');
    last = Buffer.from(ticket.payload).toString();
    queue.done(ticket);
  }
  await queue.close();
}

const parse = (json: unknown): unknown => {
  if (typeof json !== 'object' || json === null) throw new Error('no object');
  return json;
};

const KINDS: readonly Kind[] = [
  { make: (folder) => makeQueue(folder, /\.seg$/), open: openQueue },
  { make: (folder) => makeQueue(folder, /^position/), open: openQueue },
  {
    async make(folder) {
      const journal = new Journal(join(folder, 'j'), { parse });
      await journal.open();
      await journal.append([{ a: 1 }, { b: 'text' }]);
      await journal.close();
      return 'j';
    },
    async open(_, path) {
      const journal = new Journal(path, { parse });
      const { records } = await journal.open();
      await journal.append([{ neighbour: 1 }]);
      await journal.close();
      const again = new Journal(path, { parse });
      const { records: found, damaged } = await again.open();
      await again.close();
      if (damaged > 0 || found.length !== records.length + 1)
        throw new Error(`${records.length} records and one more are ${found.length}, ${damaged} damaged`);
    },
  },
  {
    async make(folder) {
      const path = join(folder, 'checkpoint.json');
      const checkpoint = new Checkpoint(path, quietLogger);
      checkpoint.setGlobs(['/x/*.log']);
      await checkpoint.save();
      return 'checkpoint.json';
    },
    async open(_, path) {
      const checkpoint = new Checkpoint(path, quietLogger);
      checkpoint.load();
      for (const { path: file } of checkpoint.entries()) checkpoint.finishedAt(file);
      checkpoint.setGlobs([String(Math.random())]);
      await checkpoint.save();
      new Checkpoint(path, quietLogger).load();
    },
  },
  {
    async make(folder) {
      const instance = {
        labels: Labels.of({ a: 'b' }), annotations: {}, state: 'firing', value: 1, activeAt: 1, firedAt: 1, resolvedAt: 0, keepFiringSince: 0,
      } as const; // prettier-ignore
      await writeState(join(folder, 'state.json'), { savedAt: 1, instances: new Map([['r', [instance]]]) });
      return 'state.json';
    },
    // It rejects where it is damaged, and the caller starts without it.
    open: async (_, path) => void (await readState(path).catch((error: unknown) => isError(error))),
  },
  {
    make: (folder) => makeText(folder, 'outbox', OUTBOX),
    async open(_, path) {
      const file = new OutboxFile({ path, logger: quietLogger }, () => ({ waiting: [], ended: [] }));
      await file.open();
      await file.close();
    },
  },
  {
    make: (folder) => makeText(folder, 'nflog', NOTIFIED),
    async open(_, path) {
      const log = new NotificationLog({ path, logger: quietLogger });
      await log.start();
      await log.stop();
    },
  },
];

const NOTIFICATION = {
  id: 'n', receiver: 'a', groupKey: '{}', groupLabels: { alertname: 'A' }, status: 'firing', reason: 'first', createdAt: 1,
  alerts: [{ labels: { alertname: 'A' }, annotations: {}, startsAt: 1, endsAt: 2, generatorURL: '', fingerprint: 'f', value: 1, fields: { playbook: '', owner: '', region: '', datacenter: '', affected: '' }, provenance: {} }],
}; // prettier-ignore
const OUTBOX = `${JSON.stringify({ type: 'queued', notification: NOTIFICATION, integration: 'a/webhook[0]', dedup: { firing: ['f'], resolved: [], at: 1 } })}\n`;
const NOTIFIED = `${JSON.stringify({ key: 'a:{}', entry: { firing: ['f'], resolved: [], at: 1, expiresAt: 9, notification: 'n' } })}\n`;

function makeText(folder: string, name: string, text: string): Promise<string> {
  writeFileSync(join(folder, name), text);
  return Promise.resolve(name);
}

function isError(error: unknown): void {
  if (error instanceof TypeError || error instanceof RangeError) throw error;
}

/** A file that this program wrote and finds damaged at its next start: its first byte chooses the kind. */
export const stateFiles: FuzzTarget = {
  async seeds() {
    const made = await Promise.all(KINDS.map((_, index) => good(index)));
    return made.map(({ content }, index) => Buffer.concat([Buffer.of(index), content]));
  },
  words: ['crowsnest journal 1\n', 'crowsnest journal 2\n', 'crowsnest rec 1\n', '{"version":', '"segment":', '"offset":', '":{}', '":[]', '-1', '1e300', '\x00\x00\x00\x00', '\xff\xff\xff\x7f'], // prettier-ignore
  async open() {
    const names = await Promise.all(KINDS.map((_, index) => good(index)));
    const root = mkdtempSync(join(tmpdir(), 'crowsnest-fuzz-files-'));
    const folder = join(root, 'x');
    return {
      async run(input) {
        const index = (input[0] ?? 0) % KINDS.length;
        rmSync(folder, { recursive: true, force: true });
        mkdirSync(folder);
        for (const [name, content] of names[index].others) writeFileSync(join(folder, name), content);
        const path = join(folder, names[index].name);
        writeFileSync(path, input.subarray(1));
        await KINDS[index].open(folder, path);
      },
      close: () => Promise.resolve(rmSync(root, { recursive: true, force: true })),
    };
  },
};

interface GoodFile {
  readonly name: string;
  readonly content: Buffer;
  /** The other files of its folder. */
  readonly others: readonly (readonly [name: string, content: Buffer])[];
}

async function good(index: number): Promise<GoodFile> {
  const folder = mkdtempSync(join(tmpdir(), 'crowsnest-fuzz-files-'));
  try {
    const name = await KINDS[index].make(folder);
    const files = readdirSync(folder).map((one) => [one, readFileSync(join(folder, one))] as const);
    const content = files.find(([one]) => one === name)?.[1] ?? Buffer.alloc(0);
    return { name, content, others: files.filter(([one]) => one !== name) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
