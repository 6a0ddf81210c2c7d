import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { cacheDir } from './cache.ts';

/** A real server that tests run against, and the ordinary package client that brings it. */
export interface ServerRecipe {
  readonly name: string;
  readonly version: string;
  /** Had within about a minute on two cores and without installing anything; `npm test` fetches these by itself, `npm run servers` all. */
  readonly quick: boolean;
  /** What `fetch` changes outside of the cache, for a recipe that does. */
  readonly installs?: string;
  /** Puts the server into the cache. @throws {Error} whose message says what is missing. */
  readonly fetch: () => Promise<void>;
  /** Whether it is there, at this version. */
  readonly present: () => Promise<boolean>;
}

const runFile = promisify(execFile);

/** Runs a command to its end. @throws {Error} with `stderr` when it ends with another code than 0. */
export async function run(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
) {
  return runFile(command, [...args], { maxBuffer: 64 << 20, ...options });
}

export async function requireTool(command: string, args: readonly string[], what: string): Promise<void> {
  const known = (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, command)));
  if (!known) throw new Error(`needs ${what}, which is not on the PATH`);
  await run(command, args);
}

/** Whether `path` is there and the file `stamp` says that it is `version`. */
export async function hasStamp(stamp: string, version: string, path: string): Promise<boolean> {
  return existsSync(path) && existsSync(stamp) && (await readFile(stamp, 'utf8')).trim() === version;
}

/** Whole or not at all: other processes may be looking for it. */
export async function installProgram(name: string, from: string): Promise<void> {
  const bin = join(cacheDir, 'bin');
  await mkdir(bin, { recursive: true });
  await cp(from, join(bin, `${name}.new`));
  await rename(join(bin, `${name}.new`), join(bin, name));
}

/** Calls `use` with a new folder and removes it afterwards, also when `use` fails. */
export async function inTemporaryFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'crowsnest-recipe-'));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
