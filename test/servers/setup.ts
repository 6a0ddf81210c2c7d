import pc from 'picocolors';
import { type ServerRecipe, recipes } from './catalog.ts';

/**
 * `setup.ts [--quick] [NAME…]`: brings the real servers that tests use into the cache, says what it could not get and why.
 * `setup.ts --report` fetches nothing and says which are absent.
 * Ends with 0 even so, as tests of an absent server are skipped by name; with CI=true an absent server is a failure.
 */
async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const quickOnly = args.includes('--quick');
  const names = args.filter((arg) => !arg.startsWith('--'));
  const unknown = names.filter((name) => !recipes.some((recipe) => recipe.name === name));
  if (unknown.length > 0) {
    console.error(
      `no server named ${unknown.join(', ')}; there are ${recipes.map((recipe) => recipe.name).join(', ')}`,
    );
    process.exit(2);
  }
  if (args.includes('--report')) {
    for (const recipe of recipes) if (!(await recipe.present())) sayAbsent(recipe);
    return;
  }
  let missing = 0;
  for (const recipe of recipes) {
    if (names.length > 0 && !names.includes(recipe.name)) continue;
    if (!(await bring(recipe, quickOnly && !recipe.quick))) missing++;
  }
  if (missing > 0 && process.env.CI === 'true') process.exit(1);
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

function sayAbsent({ name, version }: ServerRecipe): void {
  const how = `\`npm run servers ${name}\` fetches it or says what it lacks`;
  console.log(`${pc.yellow('–')} ${name} ${version} is not here, its tests are skipped; ${how}`);
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-3).join(' | ');
}

await main();
