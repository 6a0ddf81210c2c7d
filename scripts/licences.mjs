// Holds the licences of everything that ships to a list of permissive ones.
import { execFileSync } from 'node:child_process';

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

const sbom = JSON.parse(
  execFileSync('npm', ['sbom', '--sbom-format=cyclonedx', '--omit=dev'], {
    encoding: 'utf8',
    maxBuffer: 64 << 20,
    stdio: ['ignore', 'pipe', 'ignore'],
  }),
);
const refused = sbom.components
  .map((component) => ({
    name: `${component.name}@${component.version}`,
    licence:
      (component.licenses ?? [])
        .map((entry) => entry.license?.id ?? entry.license?.name ?? entry.expression)
        .join(' AND ') || 'none stated',
  }))
  .filter(({ licence }) => !allowed(licence));

for (const { name, licence } of refused) console.error(`${name}: ${licence} is not on the list`);
console.log(`${sbom.components.length} packages ship, ${refused.length} with a licence off the list`);
process.exit(refused.length === 0 ? 0 : 1);
