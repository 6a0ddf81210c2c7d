import { createHash } from 'node:crypto';
import { watch, type FSWatcher } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Ticker } from '../../../lib/time/ticker.ts';
import { filesOf } from '../../file-pattern.ts';
import { parseGroups, toGroups } from '../group-file.ts';
import { type CreateDiscoverer, type Discoverer, type DiscoveryContext, emptied, type TargetGroup } from '../kind.ts';
import type { FileSdConfig } from './config.ts';

/** A file is often written in several steps: it is read this long after the first of them. Milliseconds. */
const SETTLE_MS = 200;

interface KnownFile {
  readonly digest: string;
  readonly groups: readonly TargetGroup[];
  /** Why the file as it is now cannot be used; the groups are then those it had before. */
  readonly fault?: string;
}

/** Targets from files: read again when the folder reports a change, and at each `refresh_interval`. */
class FileDiscoverer implements Discoverer {
  readonly #config: FileSdConfig;
  readonly #context: DiscoveryContext;
  readonly #ticker: Ticker;
  readonly #watchers = new Map<string, FSWatcher>();
  #known = new Map<string, KnownFile>();
  #reading: Promise<void> = Promise.resolve();
  #cancelSettle: (() => void) | undefined;
  #stopped = false;

  constructor(config: FileSdConfig, context: DiscoveryContext) {
    this.#config = config;
    this.#context = context;
    const { clock } = context;
    this.#ticker = new Ticker({ interval: config.refresh_interval, clock }, () => this.#refresh());
  }

  async start(): Promise<void> {
    this.#watch();
    await this.#refresh();
    this.#ticker.start();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelSettle?.();
    for (const watcher of this.#watchers.values()) watcher.close();
    await Promise.all([this.#ticker.stop(), this.#reading]);
  }

  #refresh(): Promise<void> {
    this.#reading = this.#reading.then(() => this.#read());
    return this.#reading;
  }

  async #read(): Promise<void> {
    if (this.#stopped) return;
    this.#watch();
    const faults: string[] = [];
    const found = new Map<string, KnownFile>();
    for (const pattern of this.#config.files) {
      for (const file of tryFilesOf(pattern, faults)) found.set(file, await readKnown(file, this.#known.get(file)));
    }
    const old = this.#known;
    this.#known = found;
    this.#context.emit(changesBetween(old, found));
    for (const { fault } of found.values()) if (fault !== undefined) faults.push(fault);
    this.#context.fault(faults);
  }

  /** Watches the folders of all patterns, those too that are there only since the last call. */
  #watch(): void {
    for (const folder of new Set(this.#config.files.map((file) => dirname(file)))) {
      if (this.#watchers.has(folder)) continue;
      try {
        const watcher = watch(folder, { persistent: false }, () => this.#settle());
        this.#watchers.set(folder, watcher);
        watcher.on('error', () => this.#unwatch(folder));
      } catch {
        // A folder that is not there, or a system without watches left: the ticker reads the files all the same.
      }
    }
  }

  #unwatch(folder: string): void {
    this.#watchers.get(folder)?.close();
    this.#watchers.delete(folder);
  }

  #settle(): void {
    this.#cancelSettle ??= this.#context.clock.after(SETTLE_MS, () => {
      this.#cancelSettle = undefined;
      void this.#refresh();
    });
  }
}

export const discoverFiles: CreateDiscoverer<FileSdConfig> = (config, context) => new FileDiscoverer(config, context);

function tryFilesOf(pattern: string, faults: string[]): string[] {
  try {
    return filesOf(pattern);
  } catch (error) {
    faults.push(`${pattern}: ${(error as Error).message}`);
    return [];
  }
}

async function readKnown(file: string, known: KnownFile | undefined): Promise<KnownFile> {
  let digest = '';
  try {
    const bytes = await readFile(file);
    digest = createHash('sha1').update(bytes).digest('base64');
    if (known?.digest === digest) return known;
    return { digest, groups: toGroups(parseGroups(bytes, file), file, { __meta_filepath: file }) };
  } catch (error) {
    return { digest, groups: known?.groups ?? [], fault: (error as Error).message };
  }
}

function changesBetween(
  old: ReadonlyMap<string, KnownFile>,
  found: ReadonlyMap<string, KnownFile>,
): readonly TargetGroup[] {
  const gone = new Set([...old.values()].flatMap(({ groups }) => groups.map(({ source }) => source)));
  for (const { groups } of found.values()) for (const { source } of groups) gone.delete(source);
  const changed = [...found].flatMap(([file, { groups }]) => (groups === old.get(file)?.groups ? [] : groups));
  return [...changed, ...emptied(gone)];
}
