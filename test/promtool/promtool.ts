import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findProgram } from '../servers/cache.ts';

export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the real promtool to its end. */
export function promtool(args: readonly string[], input = ''): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { maxBuffer: 256 * 1024 * 1024 };
    const child = execFile(findProgram('promtool') ?? 'promtool', args, options, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), out, err });
    });
    child.stdin?.end(input);
  });
}

/** Lays files into a folder; folders on the way are made. */
export function layFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

export interface JunitSuite {
  readonly file: string;
  /** Of each test that failed, its name and the words. */
  readonly failed: readonly { readonly name: string; readonly words: readonly string[] }[];
}

/** What promtool's `--junit` wrote. */
export function readJunit(path: string): JunitSuite[] {
  const text = readFileSync(path, 'utf8');
  return [...text.matchAll(/<testsuite name="([^"]*)"[^>]*>(.*?)<\/testsuite>/gs)].map(([, file, cases]) => ({
    file: unescapeXml(file),
    failed: [...cases.matchAll(/<testcase name="([^"]*)">(.*?)<\/testcase>/gs)].flatMap(([, name, body]) => {
      const words = [...body.matchAll(/<(failure|error)>(.*?)<\/\1>/gs)].map((match) => unescapeXml(match[2]));
      return words.length === 0 ? [] : [{ name: unescapeXml(name), words }];
    }),
  }));
}

function unescapeXml(text: string): string {
  return text
    .replaceAll(/&#x([0-9A-Fa-f]+);/g, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)))
    .replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
