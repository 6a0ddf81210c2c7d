import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, test } from 'vitest';

/**
 * Data of other projects, recorded pages and server scripts that tests read in place. The folder lies beside the checkout
 * and is no part of it, so a public clone lacks it.
 */
export const SHARED = resolve(process.env.CROWSNEST_SHARED ?? join(import.meta.dirname, '../../../../shared'));

/** The full path of a file or folder of `../shared`, which need not exist. An absolute path is returned as it is. */
export function sharedPath(path: string): string {
  return resolve(SHARED, path);
}

/**
 * `describe` for tests that read `path` of `../shared`; `body` is called with its full path.
 * Where it is absent, `body` is not called: the title appears as one skipped test that says why, and with CI=true as one that fails.
 */
export function describeWithShared(path: string, title: string, body: (path: string) => void): void {
  const full = sharedPath(path);
  if (existsSync(full)) describe(title, () => body(full));
  else skipOrFail(title, `${full} is absent`);
}

/** A test that is skipped and says why; with CI=true, where nothing is skipped for what is absent, one that fails. */
export function skipOrFail(title: string, why: string): void {
  if (process.env.CI !== 'true') {
    test.skip(`${title} [skipped: ${why}]`, () => {});
    return;
  }
  test(title, () => {
    throw new Error(`${why}, and with CI=true that is a failure`);
  });
}
