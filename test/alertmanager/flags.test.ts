import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CLI, lay } from '../e2e/crowsnest.ts';
import { Webhook } from '../e2e/receivers.ts';
import { temporaryFolder, waitFor } from '../servers/process.ts';

const WITHIN = 60_000;

test("crowsnest alertmanager runs under Alertmanager's flags, says where it listens, and takes over a changed file", async () => {
  const folder = temporaryFolder();
  const webhook = new Webhook();
  const routing = (receiver: string, url: string) =>
    `route: {receiver: ${receiver}, group_wait: 0s, group_interval: 1s}\nreceivers: [{name: ${receiver}, webhook_configs: [{url: '${url}'}]}]\n`;
  const hook = await webhook.start();
  lay(folder, { 'am.yml': routing('one', hook) });
  const flags = ['-config.file=am.yml', '--storage.path', 'data', '--web.listen-address=127.0.0.1:0', '--cluster.listen-address', '127.0.0.1:0', '--cluster.settle-timeout=0s'];
  const child = spawn(process.execPath, [CLI, 'alertmanager', ...flags], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  try {
    const address = () => /^time=\S+ level=INFO msg="Listening on" address=(127\.0\.0\.1:\d+)$/m.exec(log)?.[1];
    expect(await waitFor(() => address() !== undefined, WITHIN), log).toBe(true);
    const url = `http://${address()}`;
    const status = (await (await fetch(`${url}/api/v2/status`)).json()) as { cluster: { name: string; peers: { name: string }[] } };
    expect(status.cluster).toMatchObject({ status: 'ready', peers: [{ name: status.cluster.name, address: '127.0.0.1:0' }] });
    const post = async (alertname: string) => {
      const response = await fetch(`${url}/api/v2/alerts`, { method: 'POST', body: JSON.stringify([{ labels: { alertname } }]), headers: { 'content-type': 'application/json' } });
      expect(response.status).toBe(200);
    };
    await post('A');
    expect(await waitFor(() => webhook.bodies.some(({ receiver }) => receiver === 'one'), WITHIN)).toBe(true);
    lay(folder, { 'am.yml': routing('two', hook) });
    expect((await fetch(`${url}/-/reload`, { method: 'POST' })).status).toBe(200);
    await post('B');
    expect(await waitFor(() => webhook.bodies.some(({ receiver }) => receiver === 'two'), WITHIN)).toBe(true);
  } finally {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
    await webhook.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}); // prettier-ignore
