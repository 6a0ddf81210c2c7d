// Holds the licences of everything that ships to a list of permissive ones.
import { readFileSync } from 'node:fs';

const ALLOWED = new Set([
  'MIT',
  'MIT-0',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BlueOak-1.0.0',
  'Unlicense',
  'Python-2.0',
  'CC0-1.0',
  'PSF-2.0',
  'MPL-2.0',
]);

/** An expression is fine when every AND part has one allowed OR choice. */
function allowed(expression) {
  return expression
    .replaceAll(/[()]/g, '')
    .split(' AND ')
    .every((part) => part.split(' OR ').some((licence) => ALLOWED.has(licence.trim())));
}

/** `npm sbom` refuses packages that are both bundled and held back by `overrides`; the lockfile has the licences too. */
const { packages } = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'));
const shipped = Object.entries(packages)
  .filter(([path, { dev }]) => path !== '' && !dev)
  .map(([path, { version, license = 'none stated' }]) => ({
    name: `${path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)}@${version}`,
    licence: license,
  }));
const refused = shipped.filter(({ licence }) => !allowed(licence));

for (const { name, licence } of refused) console.error(`${name}: ${licence} is not on the list`);
console.log(`${shipped.length} packages ship, ${refused.length} with a licence off the list`);
process.exit(refused.length === 0 ? 0 : 1);
