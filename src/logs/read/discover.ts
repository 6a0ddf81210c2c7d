import { readdirSync } from 'node:fs';
import type { LineFormat, LogsConfig } from '../config.ts';
import { Globber } from '../../lib/glob/globber.ts';
import { compilePath } from '../../lib/glob/pattern.ts';

/** A file that configuration asks for. */
export interface Candidate {
  readonly path: string;
  readonly rule: FileRule;
}

/** How the files of one glob are read. */
export interface FileRule {
  readonly glob: string;
  readonly containers: boolean;
  readonly format: LineFormat;
  readonly fields: Readonly<Record<string, string>>;
  /** Of times that name none; the machine's own where it is not given. */
  readonly timezone?: string;
}

/** Which files are followed, and how. */
export interface FileRules {
  /** The files that there are now. */
  discover(): Discovery;
  /** How the file at a path is read, whether it is there or not; undefined where no rule names it. */
  ruleOf(path: string): FileRule | undefined;
}

export interface Discovery {
  readonly candidates: readonly Candidate[];
  readonly globs: readonly string[];
  /** Whether a file may have come, gone, or taken another's name since the time before. */
  readonly changed: boolean;
  /** Path to the reason why it, or what lies below, is not followed. */
  readonly skipped: ReadonlyMap<string, string>;
}

const COMPRESSED = /\.(gz|xz|zst|bz2|lz4|zip)$/;
const JOURNALS = ['/var/log/journal', '/run/log/journal'];

export function createFileRules(config: LogsConfig, ownLog: string | undefined): FileRules {
  const globber = new Globber();
  const rules = rulesOf(config, ownLog);
  const matchers = rules.map((rule) => ({ rule, matches: compilePath(rule.glob) }));
  const excluded = config.exclude.map(compilePath);
  const isExcluded = (path: string) => excluded.some((matches) => matches(path));

  function discover(): Discovery {
    const found = new Map<string, Candidate>();
    const skipped = new Map<string, string>();
    for (const rule of rules) {
      for (const path of globber.find(rule.glob).sort()) {
        if (found.has(path) || skipped.has(path) || isExcluded(path)) continue;
        if (COMPRESSED.test(path)) skipped.set(path, 'compressed');
        else found.set(path, { path, rule });
      }
    }
    for (const path of globber.takeDenied().keys()) skipped.set(path, 'no permission to list this folder');
    const changed = globber.endRound();
    for (const path of JOURNALS) if (hasEntries(path)) skipped.set(path, JOURNAL_REASON);
    return { candidates: [...found.values()], globs: rules.map(({ glob }) => glob), changed, skipped };
  }

  function ruleOf(path: string): FileRule | undefined {
    return isExcluded(path) ? undefined : matchers.find(({ matches }) => matches(path))?.rule;
  }

  return { discover, ruleOf };
}

const JOURNAL_REASON =
  'the systemd journal is binary and not read; with ForwardToSyslog=yes in journald.conf its lines go to syslog files too';

function hasEntries(folder: string): boolean {
  try {
    return readdirSync(folder).length > 0;
  } catch {
    return false;
  }
}

function rulesOf(config: LogsConfig, ownLog: string | undefined): FileRule[] {
  const rules: FileRule[] = [];
  if (config.containers === true || config.containers === 'auto')
    rules.push({ glob: `${config.containers_path}/*/*/*.log`, containers: true, format: 'auto', fields: {} });
  for (const entry of config.files) {
    const { path, ...rule } = typeof entry === 'string' ? { path: entry, format: 'auto' as const, fields: {} } : entry;
    rules.push({ glob: path, containers: false, ...rule });
  }
  if (ownLog !== undefined)
    rules.push({ glob: ownLog, containers: false, format: 'plain', fields: { 'service.name': 'crowsnest' } });
  return rules;
}
