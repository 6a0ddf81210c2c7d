import { type Logger, LogOnce } from '../../lib/logger.ts';
import type { NodeConfig, SubjectName } from './config.ts';
import { PageWriter } from './page-writer.ts';
import { subjects as catalogue } from './subjects.ts';

interface Outcome {
  readonly name: SubjectName;
  readonly success: boolean;
  /** Seconds. */
  readonly duration: number;
}

/**
 * Makes the page of the machine, as node_exporter would give it. A subject that fails is missing, says so by a series, and the
 * log has the reason once.
 */
export function createNodePage(config: NodeConfig, logger?: Logger): () => Promise<Buffer> {
  const page = new PageWriter();
  const once = new LogOnce();
  const log = (subject: SubjectName, faults: readonly string[]) => {
    if (faults.length === 0) once.clear(subject);
    else if (once.fresh(subject, faults.join('\n')))
      logger?.warn({ subject, faults }, 'not all of the machine can be read');
  };
  const subjects = config.subjects.map((name) => {
    const collect = catalogue[name](config, (faults) => log(name, faults));
    return { name, collect };
  });
  return async () => {
    page.clear();
    const outcomes: Outcome[] = [];
    for (const { name, collect } of subjects) {
      const began = performance.now();
      const length = page.length;
      let success = true;
      try {
        await collect(page);
      } catch (error) {
        page.rewind(length);
        success = false;
        // What a machine does not have is no trouble: it has no RAID, no sensors, no battery.
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') log(name, []);
        else log(name, [(error as Error).message]);
      }
      outcomes.push({ name, success, duration: (performance.now() - began) / 1000 });
    }
    writeOutcomes(page, outcomes);
    return page.bytes();
  };
}

function writeOutcomes(page: PageWriter, outcomes: readonly Outcome[]): void {
  const duration = 'node_scrape_collector_duration_seconds';
  page.family(duration, 'gauge', 'node_exporter: Duration of a collector scrape.');
  for (const outcome of outcomes) page.sample(duration, `collector="${outcome.name}"`, outcome.duration);
  const success = 'node_scrape_collector_success';
  page.family(success, 'gauge', 'node_exporter: Whether a collector succeeded.');
  for (const outcome of outcomes) page.sample(success, `collector="${outcome.name}"`, outcome.success ? 1 : 0);
}
