import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Unpacks a text archive as node_exporter keeps its fixtures in: `Path:`, `Lines:`, `Directory:`, `SymlinkTo:` headers. */
export function unpackTtar(text: string, into: string): void {
  const lines = text.split('\n');
  let path = '';
  for (let i = 0; i < lines.length; i++) {
    const [, key, value] = /^(Path|Lines|Directory|SymlinkTo): (.*)$/.exec(lines[i]) ?? [];
    if (key === 'Directory') mkdirSync(join(into, value), { recursive: true });
    if (key === 'Path') path = join(into, value);
    if (key === 'SymlinkTo') {
      mkdirSync(dirname(path), { recursive: true });
      symlinkSync(value, path);
    }
    if (key !== 'Lines') continue;
    const count = Number(value);
    const content = lines.slice(i + 1, i + 1 + count).map(decode);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content.join(''));
    i += count;
  }
}

/** A line ends with a newline unless it says `EOF`; `\{` stands for `{` where the archive would take it for an escape. */
function decode(line: string): string {
  const text = line.replaceAll(/(^|[^\\])NULLBYTE/g, '$1\0').replaceAll('\\NULLBYTE', 'NULLBYTE');
  if (text.endsWith('EOF') && !text.endsWith('\\EOF')) return text.slice(0, -'EOF'.length);
  return `${text.replace(/\\EOF$/, 'EOF')}\n`;
}
