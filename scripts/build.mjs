// Builds dist/: the program (bundled by entry point, most packages left outside), the browser console, and the types of crowsnest/promql.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);
const begun = Date.now();
/** Many files, which every command that does something would find and open one by one. */
const BUNDLED = 'zod';
const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
rmSync('dist', { recursive: true, force: true });

await build({
  entryPoints: { cli: 'src/cli.ts', promql: 'src/promql/index.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  external: Object.keys(dependencies).filter((name) => name !== BUNDLED),
  sourcemap: true,
  plugins: [englishOnly()],
  chunkNames: 'chunks/[name]-[hash]',
  logLevel: 'warning',
});
chmodSync('dist/cli.js', 0o755);
linkForNpx();

tool('vite', 'node_modules/vite/bin/vite.js', [
  'build',
  '--config',
  'src/console/vite.config.ts',
  '--logLevel',
  'warn',
]);
tool('tsc', 'node_modules/typescript/bin/tsc', [
  '--ignoreConfig',
  '--declaration',
  '--emitDeclarationOnly',
  '--rewriteRelativeImportExtensions',
  '--skipLibCheck',
  '--target',
  'ES2023',
  '--module',
  'NodeNext',
  '--types',
  'node',
  '--rootDir',
  'src',
  '--outDir',
  'dist/types',
  'src/promql/index.ts',
]);
console.error(`built dist in ${((Date.now() - begun) / 1000).toFixed(1)} s`);

/** Leaves out zod's messages in other languages: 60 files that every process would hold in memory. */
function englishOnly() {
  return {
    name: 'english-only',
    setup({ onLoad }) {
      onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
        contents: "export { default as en } from './en.js';",
        resolveDir: `${root}/node_modules/zod/v4/locales`,
      }));
    },
  };
}

/** `npx crowsnest` in a clone takes this link. Without it npx makes one of its own, and one made before the first build stays broken. */
function linkForNpx() {
  if (process.platform === 'win32') return;
  mkdirSync('node_modules/.bin', { recursive: true });
  rmSync('node_modules/.bin/crowsnest', { force: true });
  symlinkSync('../../dist/cli.js', 'node_modules/.bin/crowsnest');
}

function tool(name, script, args) {
  const done = spawnSync(process.execPath, [script, ...args], { stdio: 'inherit' });
  if (done.status !== 0) throw new Error(`${name} ended with ${done.status}`);
}
