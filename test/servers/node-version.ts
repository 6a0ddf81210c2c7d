import { cp, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDir } from './cache.ts';
import { type ServerRecipe, hasStamp, inTemporaryFolder, run } from './recipe.ts';

/** A Node of one line, out of the npm package of its binary, as `node/LINE/bin/node` in the cache. See `npm test -- --node LINE`. */
export function nodeVersion(line: string, version: string): ServerRecipe {
  const folder = join(cacheDir, 'node', line);
  return {
    name: `node-${line}`,
    version,
    quick: false,
    present: () => hasStamp(join(folder, 'version'), version, join(folder, 'bin', 'node')),
    fetch: () =>
      inTemporaryFolder(async (temporary) => {
        await run('npm', ['pack', `node-${process.platform}-${process.arch}@${version}`], { cwd: temporary });
        const [archive] = (await readdir(temporary)).filter((file) => file.endsWith('.tgz'));
        await run('tar', ['xzf', archive, 'package/bin/node'], { cwd: temporary });
        await writeFile(join(temporary, 'package', 'version'), version);
        await mkdir(join(cacheDir, 'node'), { recursive: true });
        await rm(`${folder}.new`, { recursive: true, force: true });
        await cp(join(temporary, 'package'), `${folder}.new`, { recursive: true });
        await rm(folder, { recursive: true, force: true });
        await rename(`${folder}.new`, folder);
      }),
  };
}
