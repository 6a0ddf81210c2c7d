import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { seriesEnd } from '../exposition/series-text.ts';
import { TailReader } from '../exposition/tail.ts';
import { labelText } from './page-writer.ts';
import type { CreateSubject } from './subject.ts';

const NEWLINE = 10;
const HASH = 35;
/** A file longer than this is not taken for metrics. */
const MOST_BYTES = 16 * 1024 * 1024;

/** `*.prom` files that others leave in a folder. A file with a broken line or a timestamp is left out as a whole. */
export const textfile: CreateSubject = ({ textfile_directory: directory }) => {
  return async (page) => {
    const mtimes: [path: string, seconds: number][] = [];
    let failed = false;
    for (const path of directory === undefined ? [] : await promFiles(directory).catch(() => [undefined])) {
      const file = path === undefined ? undefined : await readPromFile(path).catch(() => undefined);
      if (path === undefined || file === undefined) {
        failed = true;
        continue;
      }
      page.text(file.text);
      mtimes.push([path, file.mtime]);
    }
    const mtime = 'node_textfile_mtime_seconds';
    if (mtimes.length > 0) page.family(mtime, 'gauge', 'Unixtime mtime of textfiles successfully read.');
    for (const [path, seconds] of mtimes) page.sample(mtime, labelText({ file: path }), seconds);
    const error = 'node_textfile_scrape_error';
    page.family(error, 'gauge', '1 if there was an error opening or reading a file, 0 otherwise');
    page.sample(error, '', failed ? 1 : 0);
  };
};

async function promFiles(directory: string): Promise<string[]> {
  const names = await readdir(directory);
  return names
    .filter((name) => name.endsWith('.prom'))
    .sort()
    .map((name) => join(directory, name));
}

async function readPromFile(path: string): Promise<{ text: string; mtime: number } | undefined> {
  const { size, mtimeMs } = await stat(path);
  if (size > MOST_BYTES) return undefined;
  const text = `${await readFile(path, 'utf8')}\n`;
  return isCleanPage(Buffer.from(text)) ? { text, mtime: mtimeMs / 1000 } : undefined;
}

function isCleanPage(page: Buffer): boolean {
  const tail = new TailReader('text');
  for (let at = 0; at < page.length;) {
    if (page[at] === NEWLINE || page[at] === HASH) {
      at = page.indexOf(NEWLINE, at) + 1;
      continue;
    }
    const behind = seriesEnd(page, at);
    if (behind < 0) return false;
    tail.read(page, behind);
    if (tail.end < 0 || !Number.isNaN(tail.timestamp)) return false;
    at = tail.end;
  }
  return true;
}
