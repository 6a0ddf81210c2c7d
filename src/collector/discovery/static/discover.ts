import { toGroups } from '../group-file.ts';
import type { CreateDiscoverer } from '../kind.ts';
import type { StaticConfig } from './config.ts';

/** The targets that the configuration itself lists. */
export const discoverStatic: CreateDiscoverer<StaticConfig> = (config, { emit }) => ({
  start() {
    emit(toGroups([config], 'static', {}));
    return Promise.resolve();
  },
  stop: () => Promise.resolve(),
});
