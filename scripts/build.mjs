// Builds dist/: the program (bundled per door, packages left outside), the browser console, and the types of crowsnest/promql.
import { spawnSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);
const begun = Date.now();
rmSync('dist', { recursive: true, force: true });

await build({
  entryPoints: { cli: 'src/cli.ts', promql: 'src/promql/index.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  sourcemap: true,
  chunkNames: 'chunks/[name]-[hash]',
  logLevel: 'warning',
});
chmodSync('dist/cli.js', 0o755);

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

function tool(name, script, args) {
  const done = spawnSync(process.execPath, [script, ...args], { stdio: 'inherit' });
  if (done.status !== 0) throw new Error(`${name} ended with ${done.status}`);
}
