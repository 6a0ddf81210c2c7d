import { readFile } from 'node:fs/promises';
import type { Clock } from '../lib/clock.ts';
import { validate, z } from '../lib/schema.ts';
import { Ticker } from '../lib/ticker.ts';
import { parseYaml } from '../lib/yaml.ts';
import { type ScrapeConfig, staticConfigSchema, type TargetGroupConfig } from './config.ts';
import { filesOf } from './scrape-configs.ts';

/** Takes over all target groups of a job, with what went wrong in finding them, in words. */
type OnGroups = (groups: readonly TargetGroupConfig[], faults: readonly string[]) => Promise<void>;

/** Finds the target groups of a job: those in its configuration, and those in files, which are read again from time to time. */
export class Discovery {
  readonly #job: ScrapeConfig;
  readonly #onGroups: OnGroups;
  readonly #ticker: Ticker | undefined;
  /** Last good content by file: a file that is broken for a while does not take its targets down. */
  #fromFiles = new Map<string, readonly TargetGroupConfig[]>();

  constructor(job: ScrapeConfig, clock: Clock, onGroups: OnGroups) {
    this.#job = job;
    this.#onGroups = onGroups;
    const intervals = job.file_sd_configs.map((sd) => sd.refresh_interval);
    if (intervals.length > 0)
      this.#ticker = new Ticker({ interval: Math.min(...intervals), clock }, () => this.#refresh());
  }

  async start(): Promise<void> {
    await this.#refresh();
    this.#ticker?.start();
  }

  async stop(): Promise<void> {
    await this.#ticker?.stop();
  }

  async #refresh(): Promise<void> {
    const faults: string[] = [];
    const found = new Map<string, readonly TargetGroupConfig[]>();
    for (const pattern of this.#job.file_sd_configs.flatMap((sd) => sd.files)) {
      for (const file of tryFilesOf(pattern, faults)) {
        const groups = await readGroups(file).catch((error: Error) => void faults.push(error.message));
        found.set(file, groups ?? this.#fromFiles.get(file) ?? []);
      }
    }
    this.#fromFiles = found;
    await this.#onGroups([...this.#job.static_configs, ...[...found.values()].flat()], faults);
  }
}

function tryFilesOf(pattern: string, faults: string[]): string[] {
  try {
    return filesOf(pattern);
  } catch (error) {
    faults.push(`${pattern}: ${(error as Error).message}`);
    return [];
  }
}

async function readGroups(file: string): Promise<TargetGroupConfig[]> {
  return validate(parseYaml(await readFile(file, 'utf8'), file), z.array(staticConfigSchema));
}
