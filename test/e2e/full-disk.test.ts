import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder, waitFor } from '../servers/process.ts';
import { Crowsnest } from './crowsnest.ts';

const folder = temporaryFolder();
const disk = join(folder, 'disk');
const mounted = mount();

/** A small file system of its own; only root may make one. */
function mount(): boolean {
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=200m', 'none', disk], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const why = mounted ? '' : ' [skipped: a small disk can only be mounted by root]';

/** Takes all the space there is. */
function fill(path: string): void {
  const chunk = Buffer.alloc(64 * 1024);
  try {
    for (;;) appendFileSync(path, chunk);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

describe.skipIf(!mounted)(`a disk that is full${why}`, () => {
  const log = join(folder, 'app.log');
  let crowsnest: Crowsnest;

  beforeAll(async () => {
    writeFileSync(log, 'line 0\n');
    const config = `
collect: {scrape_interval: 1s, scrape_timeout: 900ms}
logs: {files: ['${log}'], read_from: beginning, retry_max: 1s}
server: {listen: '127.0.0.1:0'}
`;
    writeFileSync(join(folder, 'c.yaml'), config);
    crowsnest = await Crowsnest.start(folder, ['up', '--config', 'c.yaml', '--data', join(disk, 'data')]);
  });

  afterAll(async () => {
    await crowsnest?.kill();
    if (mounted) execFileSync('umount', ['-l', disk]);
    rmSync(folder, { recursive: true, force: true });
  });

  const failures = async () =>
    Number(
      /crowsnest_store_commit_failures_total\{reason="disk_full"\} (\d+)/.exec(await crowsnest.text('/metrics'))?.[1] ??
        0,
    );

  test('stops the store and nothing else, is counted and said once; with space again all goes on and no line is lost', async () => {
    expect(await waitFor(async () => (await crowsnest.logs('line')).length === 1, 10_000)).toBe(true);
    fill(join(disk, 'filler'));
    for (let i = 1; i <= 100; i++) appendFileSync(log, `line ${i}\n`);
    expect(await waitFor(async () => (await failures()) > 0, 20_000)).toBe(true);

    expect(await crowsnest.text('/-/healthy')).toMatch(/healthy|ok/i);
    expect(await crowsnest.value('count(up)')).toBe(2);
    const { activeTargets } = await crowsnest.data<{ activeTargets: { health: string }[] }>('/api/v1/targets');
    expect(activeTargets.map(({ health }) => health)).toEqual(['up', 'up']);

    rmSync(join(disk, 'filler'));
    expect(await waitFor(async () => (await crowsnest.logs('line')).length === 101, 30_000)).toBe(true);
    const before = await crowsnest.value('time() - timestamp(node_load1)');
    expect(before).toBeDefined();
    expect(await waitFor(async () => Number(await crowsnest.value('time() - timestamp(node_load1)')) < 3, 10_000)).toBe(
      true,
    );
    expect(crowsnest.output.split('\n').filter((line) => line.includes('store cannot write'))).toHaveLength(1);
  });
});
