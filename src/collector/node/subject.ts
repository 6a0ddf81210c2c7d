import type { NodeConfig } from './config.ts';
import type { PageWriter } from './page-writer.ts';

/** Writes the metrics of one subject. Throws where it cannot; what it wrote is then taken back. */
type Collect = (page: PageWriter) => Promise<void> | void;

/** Takes what is wrong with single files of a subject, while the rest of it is good; an empty list once all is well. */
export type ReportFaults = (faults: readonly string[]) => void;

/** Made once: a subject may keep what it read before, paths and compiled patterns. */
export type CreateSubject = (config: NodeConfig, report: ReportFaults) => Collect;
