import { type ScrapeConfig, scrapeConfigSchema } from '../config.ts';
import type { PodsConfig } from './config.ts';

const META = '__meta_kubernetes_pod';
const annotation = (name: string) => `${META}_annotation_prometheus_io_${name}`;

/**
 * The job of pods that ask to be scraped, by the annotations `prometheus.io/scrape`, `scheme`, `path`, `port` and `param_NAME`.
 * With a port, a pod is one target, however many containers and ports it has; without, each port that it names is one.
 */
export function podsJob({ job, labels }: PodsConfig): ScrapeConfig {
  const keep = (source: string, regex: string) => ({ source_labels: [source], regex, action: 'keep' });
  const drop = (source: string, regex: string) => ({ source_labels: [source], regex, action: 'drop' });
  const copy = (source: string, target: string, regex = '(.+)') => ({
    source_labels: [source],
    regex,
    target_label: target,
  });
  const address = (ip: string, replacement: string) => ({
    source_labels: [annotation('port'), `${META}_ip`],
    regex: `(\\d+);(${ip})`,
    target_label: '__address__',
    replacement,
  });
  return scrapeConfigSchema.parse({
    job_name: job,
    kubernetes_sd_configs: [{ role: 'pod' }],
    relabel_configs: [
      keep(annotation('scrape'), 'true'),
      drop(`${META}_phase`, 'Pending|Succeeded|Failed'),
      drop(`${META}_container_init`, 'true'),
      copy(annotation('scheme'), '__scheme__', '(https?)'),
      copy(annotation('path'), '__metrics_path__'),
      address(String.raw`[0-9.]+`, '$2:$1'),
      address('[0-9a-fA-F:.]*:[0-9a-fA-F:.]*', '[$2]:$1'),
      { regex: `${annotation('param')}_(.+)`, replacement: '__param_$1', action: 'labelmap' },
      copy('__meta_kubernetes_namespace', 'namespace'),
      copy(`${META}_name`, 'pod'),
      copy(`${META}_node_name`, 'node'),
      ...labels.map((name) => {
        const sanitized = name.replaceAll(/[^a-zA-Z0-9_]/gu, '_');
        return copy(`${META}_label_${sanitized}`, sanitized);
      }),
    ],
  });
}
