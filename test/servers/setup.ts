import { existsSync } from 'node:fs';
import pc from 'picocolors';
import { SHARED } from '../../src/lib/testing/shared.ts';
import { nodeVersions, recipes } from './catalog.ts';
import type { ServerRecipe } from './recipe.ts';

/**
 * `setup.ts [NAME…]`: brings the named servers that tests use (all, and the Node versions that CI tests on, without a name) into the cache; exits 1 when one is not had.
 * `setup.ts --for-tests`: what `npm test` needs. Fetches the quick ones and reports the others, and exits 0 even so, as tests of
 * an absent server are skipped by name; with CI=true it fetches all and exits 1 when one is not had.
 * `setup.ts --report`: fetches nothing and lists what tests were skipped for.
 */
async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const flags = args.filter((arg) => arg.startsWith('-'));
  const names = args.filter((arg) => !arg.startsWith('-'));
  refuseUnknown(flags, names);
  if (flags.includes('--report')) {
    for (const recipe of recipes) if (!(await recipe.present())) sayAbsent(recipe);
    if (!existsSync(SHARED)) console.log(`${pc.yellow('–')} ${SHARED} is not here, tests that read it are skipped`);
    return;
  }
  const isCi = process.env.CI === 'true';
  const quickOnly = flags.includes('--for-tests') && !isCi;
  let missing = 0;
  for (const recipe of [...recipes, ...nodeVersions]) {
    if (names.length > 0 && !names.includes(recipe.name)) continue;
    if (quickOnly && nodeVersions.includes(recipe)) continue;
    if (!(await bring(recipe, quickOnly && !recipe.quick))) missing++;
  }
  if (missing > 0 && !quickOnly) process.exit(1);
}

function refuseUnknown(flags: readonly string[], names: readonly string[]): void {
  const unknownFlags = flags.filter((flag) => flag !== '--for-tests' && flag !== '--report');
  const known = [...recipes, ...nodeVersions].map(({ name }) => name);
  const unknownNames = names.filter((name) => !known.includes(name));
  if (unknownFlags.length > 0) console.error(`no option ${unknownFlags.join(', ')}; there are --for-tests, --report`);
  if (unknownNames.length > 0) {
    console.error(`no server named ${unknownNames.join(', ')}; there are ${known.join(', ')}`);
  }
  if (unknownFlags.length > 0 || unknownNames.length > 0) process.exit(2);
}

async function bring(recipe: ServerRecipe, presentOnly: boolean): Promise<boolean> {
  const title = `${recipe.name} ${recipe.version}`;
  if (await recipe.present()) {
    console.log(`${pc.green('✓')} ${title}`);
    return true;
  }
  if (presentOnly) {
    sayAbsent(recipe);
    return false;
  }
  console.log(`… ${title}: fetching`);
  const begun = Date.now();
  try {
    await recipe.fetch();
    console.log(`${pc.green('✓')} ${title} (${Math.round((Date.now() - begun) / 1000)} s)`);
    return true;
  } catch (error) {
    console.log(
      `${pc.red('✗')} ${title}: ${lastLines((error as { stderr?: string }).stderr || (error as Error).message)}`,
    );
    return false;
  }
}

function sayAbsent({ name, version, installs }: ServerRecipe): void {
  const does = installs === undefined ? 'fetches it' : `installs ${installs},`;
  console.log(
    `${pc.yellow('–')} ${name} ${version} is not here, its tests are skipped; \`npm run servers ${name}\` ${does} or says what it lacks`,
  );
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-3).join(' | ');
}

await main();
