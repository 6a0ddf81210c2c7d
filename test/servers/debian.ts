import { existsSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDir, findProgram } from './cache.ts';
import { type ServerRecipe, inTemporaryFolder, installProgram, requireTool, run } from './recipe.ts';
import { runShared } from './shared-scripts.ts';

/** One program out of a Debian package, unpacked and not installed; the version is that of the distribution. */
export function debianProgram(name: string, debianPackage: string): ServerRecipe {
  return {
    name,
    version: "the distribution's",
    quick: true,
    present: async () => findProgram(name) !== undefined,
    async fetch() {
      await requireTool('apt-get', ['--version'], 'apt-get');
      await requireTool('dpkg', ['--version'], 'dpkg');
      await inTemporaryFolder(async (folder) => {
        await run('apt-get', ['download', debianPackage], { cwd: folder });
        const [archive] = (await readdir(folder)).filter((file) => file.endsWith('.deb'));
        await run('dpkg', ['-x', archive, '.'], { cwd: folder });
        await installProgram(name, join(folder, 'usr', 'bin', name));
      });
    },
  };
}

/** Needs so many libraries that it is installed; so only `npm run servers`, and `npm test` with CI=true, do so. */
export function chromium(): ServerRecipe {
  return {
    name: 'chromium',
    version: "the distribution's",
    quick: false,
    installs: 'the Debian package chromium with what it needs, as root',
    present: async () => findProgram('chromium') !== undefined,
    async fetch() {
      if (process.getuid?.() !== 0) throw new Error('needs root to install the package chromium');
      await requireTool('apt-get', ['--version'], 'apt-get');
      await run('apt-get', ['update']);
      await run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], {
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      });
    },
  };
}

/**
 * containerd, runc, CNI plugins and busybox of Debian, unpacked by `../shared/servers/kubernetes/setup.sh`.
 * Absent as well where the machine does not allow a kubelet in namespaces of its own.
 */
export function nodeRuntime(): ServerRecipe {
  const containerd = join(cacheDir, 'deb', 'root', 'usr', 'bin', 'containerd');
  return {
    name: 'node-runtime',
    version: "the distribution's",
    quick: false,
    present: async () => nodeObstacle() === undefined && existsSync(containerd),
    async fetch() {
      const obstacle = nodeObstacle();
      if (obstacle !== undefined) throw new Error(obstacle);
      await runShared('kubernetes/setup.sh', ['--node'], { timeout: 3_600_000 });
    },
  };
}

function nodeObstacle(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root';
  const groups = existsSync('/proc/self/cgroup') ? readFileSync('/proc/self/cgroup', 'utf8') : '';
  return groups.includes(':memory:') ? undefined : 'needs cgroup v1';
}
