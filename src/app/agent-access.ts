import { createHash, timingSafeEqual } from 'node:crypto';
import type { ServerConfig } from '../api/config.ts';
import { isLoopbackName } from '../lib/host-name.ts';
import { readSecretFile } from '../lib/schema/schema.ts';

/** Why a request is refused. */
export interface Refusal {
  readonly status: 401 | 403;
  readonly message: string;
}

/**
 * Who may see what an agent collects, by section `server.auth`: a token or user that may `read` or is `admin`. Where nobody is
 * listed, everybody may, and then only on loopback or with `server.insecure`. The agent has no sessions and no tenants.
 */
export function refusalOf(authorization: string | undefined, server: ServerConfig): Refusal | undefined {
  const { auth, tenants, insecure, listen } = server;
  if (auth.tokens.length + auth.users.length + tenants.length === 0) {
    if (insecure || isLoopbackName(listen.slice(0, listen.lastIndexOf(':')).replace(/^\[|\]$/g, ''))) return undefined;
    return {
      status: 403,
      message: `server.listen ${listen} is open to other machines: set server.auth, or server.insecure: true if everybody may look`,
    };
  }
  const given = digest(authorization ?? '');
  const known = allowed(server).some((header) => timingSafeEqual(digest(header), given));
  return known ? undefined : { status: 401, message: 'a token or a user with access read or admin is needed' };
}

/** Returns the `Authorization` headers that may read. The files are read each time, as such requests are rare. */
function allowed({ auth }: ServerConfig): string[] {
  const mayLook = ({ access }: { readonly access: readonly string[] }) =>
    access.includes('read') || access.includes('admin');
  return [
    ...auth.tokens.filter(mayLook).flatMap(({ file }) => secretIn(file).map((token) => `Bearer ${token}`)),
    ...auth.users
      .filter(mayLook)
      .flatMap(({ username, password_file }) =>
        secretIn(password_file).map((password) => `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`),
      ),
  ];
}

/** Returns the secret of a file; none where the file is missing or empty, which refuses its caller and no other. */
function secretIn(file: string): string[] {
  try {
    const secret = readSecretFile(file);
    return secret === '' ? [] : [secret];
  } catch {
    return [];
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
