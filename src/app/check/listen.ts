import { once } from 'node:events';
import { createServer } from 'node:net';
import { refuseOpenListen, splitAddress } from '../../api/server.ts';
import { errnoMeaning } from '../../lib/durable/errno.ts';
import { InputError } from '../../lib/schema/yaml.ts';
import type { LoadedConfig } from '../config.ts';
import type { CheckResult } from './result.ts';

/** Whether a run could listen. An address in use is a warning only: the program that has it may be the one to be replaced. */
export async function checkListen(loaded: LoadedConfig): Promise<Partial<CheckResult>> {
  const { server } = loaded.config;
  const complain = (message: string) => new InputError([loaded.complain(['server', 'listen'], message)]);
  try {
    refuseOpenListen(server);
  } catch (error) {
    throw complain((error as Error).message.replace(/^server\.listen /, ''));
  }
  const probe = createServer();
  try {
    const { host, port } = splitAddress(server.listen);
    probe.listen(port, host);
    await once(probe, 'listening');
    return {};
  } catch (error) {
    const words = `${server.listen}: ${errnoMeaning(error) ?? (error as Error).message}`;
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return { warnings: [`server.listen: ${words}`] };
    throw complain(words);
  } finally {
    probe.close();
  }
}
