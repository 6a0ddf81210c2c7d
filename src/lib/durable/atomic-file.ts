import { dirname } from 'node:path';
import { type FileSystem, nodeFileSystem, writeFully } from './file-system.ts';

/** Replaces a file so that a reader, or a machine that dies meanwhile, sees the old content or the new, whole. */
export async function writeFileAtomic(
  path: string,
  content: string | Uint8Array,
  fs: FileSystem = nodeFileSystem,
): Promise<void> {
  await fs.mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.tmp`;
  try {
    const file = await fs.open(temporary, 'w', 0o600);
    try {
      await writeFully(file, [typeof content === 'string' ? Buffer.from(content) : content], 0);
      await file.sync();
    } finally {
      await file.close();
    }
    await fs.rename(temporary, path);
  } catch (error) {
    await fs.rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncDirectory(dirname(path), fs);
}

/** Makes a rename or unlink in the folder last through a power cut. */
export async function syncDirectory(path: string, fs: FileSystem = nodeFileSystem): Promise<void> {
  const folder = await fs.open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
