import type { FuzzTarget } from '../target.ts';

/** Every border; one more is one file and one line here. Loaded one at a time, as each runs in a process of its own. */
export const TARGETS: Readonly<Record<string, () => Promise<FuzzTarget>>> = {
  exposition: async () => (await import('./exposition.ts')).exposition,
  promql: async () => (await import('./promql.ts')).promql,
  'log-search': async () => (await import('./log-search.ts')).logSearch,
  rules: async () => (await import('./rules.ts')).rules,
  templates: async () => (await import('./templates.ts')).templates,
  ingest: async () => (await import('./ingest.ts')).ingest,
  'log-lines': async () => (await import('./log-lines.ts')).logLines,
  requests: async () => (await import('./requests.ts')).requests,
  'state-files': async () => (await import('./state-files.ts')).stateFiles,
  'store-files': async () => (await import('./store-files.ts')).storeFiles,
};
