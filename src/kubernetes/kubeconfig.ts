import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { decodeText } from '../lib/text/decode-text.ts';
import { errnoMeaning } from '../lib/durable/errno.ts';
import type { HttpClientConfig } from '../lib/http/client.ts';
import { z } from '../lib/schema/schema.ts';
import { InputError, type Path, parseYaml, type YamlSource } from '../lib/schema/yaml.ts';
import type { KubeAccess } from './access.ts';
import { createExecCredential, execSchema } from './exec-credential.ts';

const clusterSchema = z.object({
  server: z.url({ protocol: /^https?$/ }),
  'certificate-authority': z.string().optional(),
  'certificate-authority-data': z.string().optional(),
  'insecure-skip-tls-verify': z.boolean().optional(),
  'tls-server-name': z.string().optional(),
  'proxy-url': z.unknown().optional(),
});

const userSchema = z.object({
  token: z.string().optional(),
  tokenFile: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  'client-certificate': z.string().optional(),
  'client-certificate-data': z.string().optional(),
  'client-key': z.string().optional(),
  'client-key-data': z.string().optional(),
  exec: execSchema.optional(),
  'auth-provider': z.unknown().optional(),
  as: z.unknown().optional(),
});

const contextSchema = z.object({ cluster: z.string(), user: z.string().default(''), namespace: z.string().optional() });

const named = z.array(z.looseObject({ name: z.string() })).default([]);

/** Only what is used is read; kubectl and other tools keep more in these files. */
const fileSchema = z.object({
  'current-context': z.string().default(''),
  clusters: named,
  contexts: named,
  users: named,
});

type Section = 'clusters' | 'contexts' | 'users';

/**
 * Reads the current context of a kubeconfig. Paths in it start from its folder. Certificates, keys and tokens in files of
 * their own are read again as they change; the file itself is read once.
 * @throws {InputError} naming file, line and path of what is wrong or cannot be used
 */
export function kubeconfigAccess(file: string, contextName?: string): KubeAccess {
  const source = parseYaml(decodeText(readBytes(file), file), file);
  const complaint = (path: Path, message: string) => new InputError([source.complain(path, message)]);
  const top = parsePart(source, [], fileSchema);

  function entry<T>(section: Section, name: string, key: string, schema: z.ZodType<T>): { value: T; path: Path } {
    const index = top[section].findIndex((one) => one.name === name);
    if (index < 0) throw complaint([section], `expected one that is named ${JSON.stringify(name)}`);
    const path = [section, index, key];
    return {
      value: parsePart(source, path, schema, (top[section][index] as Record<string, unknown>)[key] ?? {}),
      path,
    };
  }

  const wanted = contextName ?? top['current-context'];
  if (wanted === '') throw complaint(['current-context'], 'missing; expected the name of a context');
  const { value: context } = entry('contexts', wanted, 'context', contextSchema);
  const { value: cluster, path: clusterPath } = entry('clusters', context.cluster, 'cluster', clusterSchema);
  const nobody = { value: userSchema.parse({}), path: ['users'] as Path };
  const { value: user, path: userPath } =
    context.user === '' ? nobody : entry('users', context.user, 'user', userSchema);
  if (cluster['proxy-url'] !== undefined) throw complaint([...clusterPath, 'proxy-url'], 'not supported yet');
  for (const key of ['auth-provider', 'as'] as const)
    if (user[key] !== undefined) throw complaint([...userPath, key], 'not supported; use token, certificates or exec');

  const at = (path: string | undefined) => (path === undefined ? undefined : resolve(dirname(file), path));
  return {
    url: cluster.server.replace(/\/+$/, ''),
    namespace: context.namespace,
    certificates: {
      ca: fromBase64(cluster['certificate-authority-data']),
      cert: fromBase64(user['client-certificate-data']),
      key: fromBase64(user['client-key-data']),
    },
    http: {
      tls_config: {
        // Data wins over a file, as in kubectl.
        ca_file: cluster['certificate-authority-data'] === undefined ? at(cluster['certificate-authority']) : undefined,
        cert_file: user['client-certificate-data'] === undefined ? at(user['client-certificate']) : undefined,
        key_file: user['client-key-data'] === undefined ? at(user['client-key']) : undefined,
        server_name: cluster['tls-server-name'],
        insecure_skip_verify: cluster['insecure-skip-tls-verify'] ?? false,
      },
      ...signIn(user, at),
    },
    ...(user.exec !== undefined && { authorization: createExecCredential(user.exec, dirname(file)) }),
  };
}

function signIn(
  user: z.infer<typeof userSchema>,
  at: (path: string | undefined) => string | undefined,
): Partial<HttpClientConfig> {
  // A token file wins over a token: it is renewed.
  if (user.tokenFile !== undefined) return { bearer_token_file: at(user.tokenFile) };
  if (user.token !== undefined) return { bearer_token: user.token };
  if (user.username !== undefined) return { basic_auth: { username: user.username, password: user.password } };
  return {};
}

function readBytes(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new InputError([
      { file, line: 0, column: 0, path: '', message: errnoMeaning(error) ?? (error as Error).message },
    ]);
  }
}

/** Values never stand in the complaints: most of this file is secret. */
function parsePart<T>(source: YamlSource, path: Path, schema: z.ZodType<T>, value: unknown = source.value): T {
  const result = schema.safeParse(value ?? {});
  if (result.success) return result.data;
  throw new InputError(
    result.error.issues.map((issue) =>
      source.complain(
        [...path, ...issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))],
        issue.message,
      ),
    ),
  );
}

function fromBase64(data: string | undefined): string | undefined {
  return data === undefined ? undefined : Buffer.from(data, 'base64').toString('utf8');
}
