import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const lines = readFileSync(join(ROOT, 'deploy', 'Dockerfile'), 'utf8').split('\n');
const ignore = readFileSync(join(ROOT, 'deploy', 'Dockerfile.dockerignore'), 'utf8').split('\n');
const of = (word: string) =>
  lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));

describe('the Dockerfile', () => {
  test('builds and runs on Node 24, the runtime without a shell', () => {
    expect(of('FROM')).toEqual(['node:24-bookworm-slim AS build', 'gcr.io/distroless/nodejs24-debian12:nonroot']);
  });

  test('copies what is there, and what the build makes', () => {
    const copied = of('COPY')
      .filter((line) => line.startsWith('--from=build'))
      .flatMap((line) => line.split(' ').slice(1, -1));
    expect(copied.length).toBeGreaterThan(5);
    const own = copied
      .map((path) => path.replace('/src/', ''))
      .filter((path) => !['dist', 'node_modules'].includes(path));
    for (const path of own) expect(existsSync(join(ROOT, path)), path).toBe(true);
    // What .dockerignore leaves out cannot be copied.
    for (const path of own) expect(ignore, path).toContain(`!${path.split('/')[0]}`);
  });

  test('brings what the program looks for beside itself', () => {
    const text = of('COPY').join('\n');
    for (const needed of ['package.json', 'rules', 'playbooks', 'dist', 'node_modules'])
      expect(text).toContain(`/src/${needed}`);
  });

  test('runs as no root, and takes the words that the chart gives it', () => {
    expect(of('USER')).toEqual(['65532:65532']);
    expect(of('ENTRYPOINT')).toEqual(['["/nodejs/bin/node", "/opt/crowsnest/dist/cli.js"]']);
  });
});
