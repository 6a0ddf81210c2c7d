import { readFile, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import MarkdownIt from 'markdown-it';

export interface Playbook {
  /** Rendered; raw HTML in the source is shown as text. */
  readonly html: string;
  /** Markdown as written. */
  readonly source: string;
}

/** One page per alert: `KubePodCrashLooping.md` belongs to the alert of that name. */
export type Playbooks = ReadonlyMap<string, Playbook>;

/** A page longer than this is cut: it is read on a telephone at night. */
const MAX_PAGE = 256 * 1024;
const MAX_PAGES = 10_000;

const markdown = new MarkdownIt({ html: false, linkify: true });

/** Reads a folder and its subfolders. A folder that is not there holds no playbooks. */
export async function loadPlaybooks(folder: string): Promise<Playbooks> {
  const pages = new Map<string, Playbook>();
  for (const path of await markdownFiles(folder)) {
    const source = (await readFile(path, 'utf8')).slice(0, MAX_PAGE);
    pages.set(basename(path, '.md'), { source, html: markdown.render(source) });
  }
  return pages;
}

async function markdownFiles(folder: string): Promise<string[]> {
  let names: string[];
  try {
    names = await readdir(folder, { recursive: true });
  } catch {
    return [];
  }
  const pages = names.filter((name) => name.endsWith('.md') && basename(name) !== 'README.md').sort();
  return pages.slice(0, MAX_PAGES).map((name) => join(folder, name));
}
