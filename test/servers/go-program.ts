import { chmod, cp, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cacheDir } from './cache.ts';
import { type ServerRecipe, hasStamp, inTemporaryFolder, installProgram, requireTool, run } from './recipe.ts';

interface GoProgram {
  readonly name: string;
  /** The release, as people know it. */
  readonly version: string;
  readonly module: string;
  /** The module's version, where it is not `v` and the release. */
  readonly moduleVersion?: string;
  /** The package below the module, `/cmd/prometheus`. */
  readonly pkg?: string;
  readonly quick?: boolean;
  /** The variable that holds the version which the program reports. */
  readonly versionVariable?: string;
  /** More flags for the linker. */
  readonly ldflags?: string;
  /** Files that the published module lacks though its source embeds them: it is built from a copy that has them. */
  readonly embeds?: Readonly<Record<string, string>>;
  /** Called with the module's own folder after the build, for files that belong to the program. */
  readonly addFiles?: (moduleFolder: string) => Promise<void>;
}

const PROMETHEUS_VERSION = 'github.com/prometheus/common/version.Version';

/** A program that the Go client builds from its published module into the cache. Needs minutes when Go's build cache is empty. */
export function goProgram(program: GoProgram): ServerRecipe {
  const { name, version, quick = false, addFiles } = program;
  const moduleVersion = program.moduleVersion ?? `v${version}`;
  const module = `${program.module}@${moduleVersion}`;
  const stamp = join(cacheDir, 'bin', '.versions', name);
  return {
    name,
    version,
    quick,
    present: () => hasStamp(stamp, moduleVersion, join(cacheDir, 'bin', name)),
    fetch: () =>
      inTemporaryFolder(async (folder) => {
        await requireTool('go', ['version'], 'Go 1.26 or newer');
        const built = join(folder, 'built');
        const source = join(folder, 'source');
        await mkdir(source);
        if (program.embeds === undefined) await writeThrowAwayModule(source, program.module, moduleVersion);
        else await copyModule(await moduleFolder(module), source, program.embeds);
        const what = program.embeds === undefined ? program.module : '.';
        await build(source, `${what}${program.pkg ?? ''}`, built, linkerFlags(program));
        await addFiles?.(await moduleFolder(module));
        await installProgram(name, built);
        await mkdir(dirname(stamp), { recursive: true });
        await writeFile(stamp, moduleVersion);
      }),
  };
}

async function build(source: string, what: string, out: string, ldflags: string): Promise<void> {
  await run('go', ['build', '-trimpath', '-mod=mod', '-ldflags', ldflags, '-o', out, what], {
    cwd: source,
    env: { ...process.env, CGO_ENABLED: '0' },
  });
}

function linkerFlags({ version, versionVariable = PROMETHEUS_VERSION, ldflags = '' }: GoProgram): string {
  return `-s -w -X ${versionVariable}=${version} ${ldflags}`;
}

/** `go install` refuses modules with replace lines; a module that only requires the one it builds does not look at them. */
async function writeThrowAwayModule(folder: string, module: string, version: string): Promise<void> {
  const replaced = module === 'k8s.io/kubernetes' ? await stagingReplaced(module, version) : '';
  await writeFile(join(folder, 'go.mod'), `module throwaway\n\ngo 1.26.0\n\nrequire ${module} ${version}\n${replaced}`);
}

/** Kubernetes replaces its own libraries by folders of its tree. Outside of the tree they are the modules v0.x of the release v1.x. */
async function stagingReplaced(module: string, version: string): Promise<string> {
  const text = await readFile(join(await moduleFolder(`${module}@${version}`), 'go.mod'), 'utf8');
  const libraries = [...text.matchAll(/^\s*(k8s\.io\/[a-z-]+) => \.\/staging/gm)].map(([, library]) => library);
  return libraries.map((library) => `replace ${library} => ${library} v0${version.slice(2)}\n`).join('');
}

async function copyModule(from: string, to: string, embeds: Readonly<Record<string, string>>): Promise<void> {
  await cp(from, to, { recursive: true });
  await makeWritable(to);
  for (const [path, content] of Object.entries(embeds)) {
    await mkdir(dirname(join(to, path)), { recursive: true });
    await writeFile(join(to, path), content);
  }
}

/** Go keeps modules read-only. */
async function makeWritable(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await makeWritable(path);
    else await chmod(path, 0o644);
  }
}

async function moduleFolder(module: string): Promise<string> {
  const { stdout } = await run('go', ['mod', 'download', '-json', module]);
  return (JSON.parse(stdout) as { Dir: string }).Dir;
}
