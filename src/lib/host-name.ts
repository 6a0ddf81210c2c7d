import { isIP } from 'node:net';

/** The name or address of a `Host` header as it is compared: in lower case, without port, brackets and the root's dot. */
export function hostNameOf(host: string): string {
  const name = /^\[([^\]]*)\](?::\d*)?$/.exec(host)?.[1] ?? host.replace(/:\d*$/, '');
  return name.toLowerCase().replace(/\.$/, '');
}

export function isLoopbackName(name: string): boolean {
  const host = hostNameOf(name.includes(':') ? `[${name}]` : name);
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/**
 * Whether a request under this `Host` is meant for this machine. An address needs no name service and cannot be made to point
 * elsewhere; any other name could be a web page's own that points to 127.0.0.1 to read what is served here (DNS rebinding).
 */
export function isOwnHostName(host: string, externalUrl: string): boolean {
  const name = hostNameOf(host);
  if (isIP(name) !== 0 || name === 'localhost' || name.endsWith('.localhost')) return true;
  return externalUrl !== '' && hostNameOf(new URL(externalUrl).host) === name;
}
