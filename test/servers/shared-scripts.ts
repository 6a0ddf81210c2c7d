import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { sharedPath } from '../../src/lib/testing/shared.ts';

const run = promisify(execFile);

/**
 * Runs a script of `../shared/servers` to its end and returns what it printed. The servers that such scripts start run on.
 * @throws {Error} whose message holds the last lines of the script's standard error.
 */
export async function runShared(
  script: string,
  args: readonly string[],
  { env = {}, timeout }: { readonly env?: NodeJS.ProcessEnv; readonly timeout: number },
): Promise<string> {
  const path = sharedScript(script);
  if (!existsSync(path)) throw new Error(`needs ../shared/servers/${script}, which a public clone lacks`);
  try {
    const done = await run(path, [...args], { env: { ...process.env, ...env }, timeout, maxBuffer: 64 << 20 });
    return done.stdout;
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string };
    throw new Error(`${script} ${args.join(' ')}: ${lastLines(stderr) || message}`, { cause: error });
  }
}

export function sharedScript(script: string): string {
  return sharedPath(`servers/${script}`);
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-5).join(' | ');
}
