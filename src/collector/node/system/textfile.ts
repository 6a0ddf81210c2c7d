import { isUtf8 } from 'node:buffer';
import { constants } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { faultOfEnd, seriesEnd } from '../../exposition/series-text.ts';
import { TailReader } from '../../exposition/tail.ts';
import { labelText } from '../page-writer.ts';
import type { CreateSubject } from '../subject.ts';

const NEWLINE = 10;
const HASH = 35;
/** A file longer than this is not taken for metrics. */
const MAX_BYTES = 16 * 1024 * 1024;

/** `*.prom` files that others leave in a folder. A file with a broken line or a timestamp is left out as a whole, and named. */
export const textfile: CreateSubject = ({ textfile_directory: directory }, report) => {
  return async (page) => {
    const mtimes: [path: string, seconds: number][] = [];
    const faults: string[] = [];
    const fail = (path: string, error: unknown) => void faults.push(`${path}: ${(error as Error).message}`);
    for (const path of directory === undefined
      ? []
      : await promFiles(directory).catch((e) => fail(directory, e) ?? [])) {
      const file = await readPromFile(path).catch((error) => fail(path, error));
      if (file === undefined) continue;
      page.text(file.text);
      mtimes.push([path, file.mtime]);
    }
    report(faults);
    const mtime = 'node_textfile_mtime_seconds';
    if (mtimes.length > 0) page.family(mtime, 'gauge', 'Unixtime mtime of textfiles successfully read.');
    for (const [path, seconds] of mtimes) page.sample(mtime, labelText({ file: path }), seconds);
    const error = 'node_textfile_scrape_error';
    page.family(error, 'gauge', '1 if there was an error opening or reading a file, 0 otherwise');
    page.sample(error, '', faults.length > 0 ? 1 : 0);
  };
};

async function promFiles(directory: string): Promise<string[]> {
  const names = await readdir(directory);
  return names
    .filter((name) => name.endsWith('.prom'))
    .sort()
    .map((name) => join(directory, name));
}

/** @throws {Error} naming the line, where it is one, and what is wrong */
async function readPromFile(path: string): Promise<{ text: string; mtime: number }> {
  const { size, mtimeMs } = await stat(path);
  if (size > MAX_BYTES) throw new Error(`${size} bytes, longer than ${MAX_BYTES}`);
  const bytes = await readFile(path, { flag: constants.O_RDONLY | constants.O_NONBLOCK });
  const page = Buffer.concat([bytes, Buffer.from('\n')]);
  checkPage(page);
  return { text: page.toString('utf8'), mtime: mtimeMs / 1000 };
}

function checkPage(page: Buffer): void {
  const tail = new TailReader('text');
  for (let at = 0, line = 1; at < page.length; line++) {
    const end = page.indexOf(NEWLINE, at);
    if (!isUtf8(page.subarray(at, end))) throw new Error(`line ${line}: not UTF-8`);
    if (at < end && page[at] !== HASH) {
      const behind = seriesEnd(page, at);
      if (behind < 0) throw new Error(`line ${line}: ${faultOfEnd(behind)}`);
      tail.read(page, behind);
      if (tail.end < 0) throw new Error(`line ${line}: ${tail.fault}`);
      if (!Number.isNaN(tail.timestamp)) throw new Error(`line ${line}: a timestamp, which a textfile may not have`);
    }
    at = end + 1;
  }
}
