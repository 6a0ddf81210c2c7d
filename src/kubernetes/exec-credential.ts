import { execFile } from 'node:child_process';
import { isAbsolute, resolve } from 'node:path';
import { z } from '../lib/schema/schema.ts';

/** `exec` of a kubeconfig's user: a program that prints a token, such as `aws eks get-token`. */
export const execSchema = z.object({
  apiVersion: z.string(),
  command: z.string().min(1),
  args: z.array(z.string()).nullish(),
  env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
});

type Exec = z.infer<typeof execSchema>;

const answerSchema = z.object({
  kind: z.literal('ExecCredential'),
  status: z.object({ token: z.string().min(1), expirationTimestamp: z.iso.datetime({ offset: true }).optional() }),
});

const TIMEOUT_MS = 30_000;
const MAX_BYTES = 1024 * 1024;
/** A token is renewed this long before it expires, milliseconds. */
const EARLY_MS = 60_000;
/** How long a token without a time of its own is used, milliseconds. */
const LIFETIME_MS = 10 * 60_000;

/**
 * Returns a function for the Authorization header. The program runs when there is no token yet and when the last one is about
 * to expire; callers in the meantime share one run. What it prints never reaches a message.
 * Source: the API client.authentication.k8s.io.
 */
export function createExecCredential(exec: Exec, folder: string, now = Date.now): () => Promise<string> {
  let token: { readonly header: string; readonly until: number } | undefined;
  let running: Promise<string> | undefined;

  async function renew(): Promise<string> {
    const output = await run(exec, folder);
    const { status } = parseAnswer(output, exec.command);
    const expires =
      status.expirationTimestamp === undefined
        ? now() + LIFETIME_MS
        : Date.parse(status.expirationTimestamp) - EARLY_MS;
    token = { header: `Bearer ${status.token}`, until: expires };
    return token.header;
  }

  return () => {
    if (token !== undefined && now() < token.until) return Promise.resolve(token.header);
    running ??= renew().finally(() => (running = undefined));
    return running;
  };
}

function run({ apiVersion, command, args, env }: Exec, folder: string): Promise<string> {
  const isPath = command.includes('/') && !isAbsolute(command);
  const variables = Object.fromEntries((env ?? []).map(({ name, value }) => [name, value]));
  const info = JSON.stringify({ apiVersion, kind: 'ExecCredential', spec: { interactive: false } });
  return new Promise((done, reject) => {
    execFile(
      isPath ? resolve(folder, command) : command,
      args ?? [],
      { timeout: TIMEOUT_MS, maxBuffer: MAX_BYTES, env: { ...process.env, ...variables, KUBERNETES_EXEC_INFO: info } },
      (error, output) => {
        if (error === null) return done(output);
        const { code, signal } = error;
        const why = signal === null || signal === undefined ? `code ${code ?? 'unknown'}` : `signal ${signal}`;
        reject(new Error(`credentials: ${command} ended with ${why}`));
      },
    );
  });
}

function parseAnswer(output: string, command: string): z.infer<typeof answerSchema> {
  let value: unknown;
  try {
    value = JSON.parse(output);
  } catch {
    throw new Error(`credentials: ${command} printed no JSON`);
  }
  const result = answerSchema.safeParse(value);
  if (!result.success) {
    const [{ path, message }] = result.error.issues;
    throw new Error(`credentials: ${command} printed no ExecCredential with a token: ${path.join('.')}: ${message}`);
  }
  return result.data;
}
