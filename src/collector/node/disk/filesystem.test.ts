import type { StatsFs } from 'node:fs';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nodeSchema } from '../config.ts';
import { createAsker } from './filesystem.ts';
import { createNodePage } from '../index.ts';
import { readPage } from '../testing/read-page.ts';

const mountOf = (mountpoint: string) => ({
  device: 'server:/x',
  mountpoint,
  fstype: 'nfs4',
  major: '0',
  minor: '50',
  readonly: false,
});

test('a mount that does not answer is left alone until it does, and two of them are enough', async () => {
  const questions: { path: string; answer: (error: null, stats: StatsFs) => void }[] = [];
  const ask = createAsker({ rootfs: '/', filesystem_mount_timeout: 5 }, (path, answer) =>
    questions.push({ path, answer }),
  );
  expect((await ask(mountOf('/a'))).error).toBe('mountpoint timeout');
  expect((await ask(mountOf('/a'))).error).toBe('mountpoint timeout');
  expect((await ask(mountOf('/b'))).error).toBe('mountpoint timeout');
  expect((await ask(mountOf('/c'))).error).toBe('mountpoint timeout');
  expect(questions.map(({ path }) => path)).toEqual(['/a', '/b']);
  const stats: StatsFs = { type: 0, bsize: 1, blocks: 2, bfree: 1, bavail: 1, files: 1, ffree: 1 };
  questions[0].answer(null, stats);
  const again = ask(mountOf('/a'));
  questions[2].answer(null, stats);
  expect(await again).toMatchObject({ error: '', stats });
});

test('the mounts are those of the host, told apart by device, point and type, with names as they are', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'crowsnest-mounts-'));
  try {
    mkdirSync(join(folder, 'proc/1'), { recursive: true });
    mkdirSync(join(folder, 'root/data disk'), { recursive: true });
    const lines = [
      String.raw`36 35 98:0 / ${folder}/root/data\040disk ro,noatime master:1 - ext4 /dev/sdb\0401 rw,errors=continue`,
      String.raw`37 35 98:0 / ${folder}/root/data\040disk ro,noatime - ext4 /dev/sdb\0401 rw`,
      String.raw`38 35 0:5 / ${folder}/root/dev rw - devtmpfs udev rw`,
      String.raw`39 35 0:6 / ${folder}/root/gone rw - xfs /dev/sdc rw`,
      'a line that is none',
    ];
    writeFileSync(join(folder, 'proc/1/mountinfo'), `${lines.join('\n')}\n`);
    const config = nodeSchema.parse({ subjects: ['filesystem'], procfs: `${folder}/proc`, rootfs: `${folder}/root` });
    const { samples } = readPage((await createNodePage(config)()).toString());
    const readonly = [...samples].filter(([series]) => series.startsWith('node_filesystem_readonly'));
    expect(readonly).toEqual([
      ['node_filesystem_readonly{device="/dev/sdb 1",fstype="ext4",mountpoint="/data disk"}', 1],
      [
        'node_filesystem_readonly{device="/dev/sdc",device_error="no such file or directory",fstype="xfs",mountpoint="/gone"}',
        0,
      ],
    ]);
    const size = 'node_filesystem_size_bytes{device="/dev/sdb 1",fstype="ext4",mountpoint="/data disk"}';
    expect(samples.get(size)).toBeGreaterThan(0);
    expect([...samples.keys()].filter((series) => /size_bytes.*gone/.test(series))).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
