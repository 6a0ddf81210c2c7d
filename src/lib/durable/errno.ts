const MEANINGS: Readonly<Record<string, string>> = {
  EACCES: 'no permission',
  EADDRINUSE: 'the address is in use',
  EADDRNOTAVAIL: 'no network interface of this machine has that address',
  EAI_AGAIN: 'the host name cannot be resolved now',
  EEXIST: 'a file or folder of that name exists',
  EISDIR: 'is a folder, expected a file',
  ELOOP: 'too many symbolic links',
  EMFILE: 'too many open files',
  ENAMETOOLONG: 'the name is too long',
  ENOENT: 'no such file or folder',
  ENOSPC: 'no space left on the device',
  ENOTDIR: 'a part of the path is a file, expected a folder',
  ENOTFOUND: 'the host name cannot be resolved',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
};

/** Returns what an error of the operating system means, without the name of the system call; undefined for any other error. */
export function errnoMeaning(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  if (error.code === 'EEXIST' && 'syscall' in error && error.syscall === 'mkdir') return 'is a file, expected a folder';
  return MEANINGS[error.code];
}

/** Returns the path or address that the error is about, and what it means: `/etc/x: no permission`; other errors' messages as they are. */
export function describeErrno(error: unknown): string {
  const meaning = errnoMeaning(error);
  if (meaning === undefined) return error instanceof Error ? error.message : String(error);
  const subject = subjectOf(error as NodeJS.ErrnoException & { address?: string; port?: number; hostname?: string });
  return subject === '' ? meaning : `${subject}: ${meaning}`;
}

function subjectOf({
  path,
  address,
  port,
  hostname,
}: NodeJS.ErrnoException & { address?: string; port?: number; hostname?: string }): string {
  if (path !== undefined) return path;
  if (address !== undefined)
    return port === undefined ? address : `${address.includes(':') ? `[${address}]` : address}:${port}`;
  return hostname ?? '';
}
