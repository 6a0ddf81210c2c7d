import type { Clock } from '../lib/time/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { BlockList } from './blocks/block-list.ts';
import type { Catalog } from './catalog.ts';
import type { StoreConfig } from './config.ts';
import type { Damage } from './damage.ts';
import type { Database } from './duck.ts';
import type { Head } from './head/head.ts';
import type { LogSources } from './logs/log-sources.ts';
import type { SeriesRegistry } from './series/registry.ts';
import type { SeriesState } from './series/series-state.ts';

/** Folders of a store. */
export interface StoreFolders {
  readonly root: string;
  readonly heads: string;
  readonly blocks: string;
  readonly damaged: string;
  readonly spill: string;
}

/** What opening a folder brings to light. */
export interface StoreParts {
  /** Changed in place by a reload: read a value where it is used. */
  readonly config: StoreConfig;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly folders: StoreFolders;
  readonly damage: Damage;
  readonly database: Database;
  readonly catalog: Catalog;
  readonly registry: SeriesRegistry;
  readonly state: SeriesState;
  readonly sources: LogSources;
  readonly heads: readonly Head[];
  readonly blocks: BlockList;
  readonly nextHead: number;
  readonly nextSeq: number;
}
