import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const SRC = join(import.meta.dirname, '..', 'src');

/** One import statement, or `import()`, of a file of `src`. */
export interface Import {
  readonly from: string;
  /** A full path, or the name of a package. */
  readonly to: string;
  readonly typeOnly: boolean;
}

/** Every file of the program, by full path: no tests, no benchmarks. */
export const files: readonly string[] = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file) && !/\.(test|bench)\.tsx?$|(^|\/)testing(\.ts$|\/)/.test(file))
  .map((file) => join(SRC, file));

export const imports: readonly Import[] = files.flatMap((file) => importsOf(file));

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  const found = [
    ...text.matchAll(
      /(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[\w*{}\s,$]+\sfrom\s+)?'([^']+)'|import\(\s*'([^']+)'\s*\)/g,
    ),
  ];
  return found.map(([whole, type, name, dynamic]) => {
    const to = name ?? dynamic;
    const named = /\{([^}]*)\}/.exec(whole)?.[1];
    const onlyTypes =
      type !== undefined ||
      (named !== undefined && named.split(',').every((part) => part.trim() === '' || part.trim().startsWith('type ')));
    return { from: file, to: to.startsWith('.') ? join(dirname(file), to) : to, typeOnly: onlyTypes };
  });
}

/** `@scope/name` or `name` of what an import names. */
export function packageName(to: string): string {
  return to
    .split('/')
    .slice(0, to.startsWith('@') ? 2 : 1)
    .join('/');
}

/** All that is loaded, at once or later by `import()`, when `entry` is. */
export function reach(entry: string): { files: Set<string>; packages: Set<string> } {
  const seen = new Set<string>();
  const packages = new Set<string>();
  const open = [entry];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    for (const edge of imports.filter((edge) => edge.from === file && !edge.typeOnly)) {
      if (edge.to.startsWith('/')) open.push(edge.to);
      else packages.add(packageName(edge.to));
    }
  }
  return { files: seen, packages };
}
