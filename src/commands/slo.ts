import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { decodeText } from '../lib/text/decode-text.ts';
import { printableText } from '../lib/text/printable.ts';
import { examples } from './options.ts';

/** `slo generate`: the rules that objectives become. */
export function registerSlo(program: Command): void {
  program
    .command('slo')
    .description('service-level objectives')
    .command('generate <files...>')
    .description('print the rules that crowsnest evaluates for objectives of Sloth, OpenSLO or Pyrra')
    .addHelpText('after', examples('slo generate shop.yaml', 'slo generate slos/*.yaml > rules.yaml'))
    .action(generate);
}

async function generate(files: readonly string[]): Promise<void> {
  const { generateRules } = await import('../alerting/slo/generate.ts');
  const texts: string[] = [];
  for (const file of files) texts.push(generateRules(decodeText(await readFile(file), file), file));
  process.stdout.write(printableText(texts.join('---\n')));
}
