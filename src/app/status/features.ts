import { prometheusFunctionNames } from '../../alerting/template/prometheus.ts';
import type { Features } from '../../api/types.ts';
import { AGGREGATE_WORDS, FUNCTIONS, OPERATOR_WORDS } from '../../promql/index.ts';
import type { StatusSources } from './status.ts';

/** Returns the features of this process under Prometheus' names; sections that do not apply are left out. */
export function featuresOf({ config, collector, alerting }: StatusSources): Features {
  return {
    ...(config().server.upstream === undefined && storeFeatures()),
    ...(alerting !== undefined && {
      rules: { concurrent_rule_eval: false, keep_firing_for: true, query_offset: true },
      templating_functions: all(prometheusFunctionNames()),
    }),
    ...(collector !== undefined && {
      scrape: { extra_scrape_metrics: false, type_and_unit_labels: false },
      service_discovery_providers: all(['file', 'static']),
    }),
  };
}

/** Where answers come from the embedded store; what another server behind can do is not known. */
function storeFeatures(): Features {
  return {
    otlp_receiver: { delta_conversion: false, native_delta_ingestion: false },
    promql: { ...all(LANGUAGE), delayed_name_removal: false, type_and_unit_labels: false },
    promql_functions: all(FUNCTIONS.keys()),
    promql_operators: all([...Object.keys(OPERATOR_WORDS), ...Object.keys(AGGREGATE_WORDS), '=~', '!~', '@']),
    tsdb: { exemplar_storage: true, native_histograms: true, st_storage: true },
  };
}

const LANGUAGE = [
  'anchored', 'at_modifier', 'bool', 'by', 'duration_expr', 'fill', 'fill_left', 'fill_right', 'group_left', 'group_right', 'ignoring', 'negative_offset',
  'offset', 'on', 'per_query_lookback_delta', 'per_step_stats', 'smoothed', 'subqueries', 'without',
]; // prettier-ignore

function all(names: Iterable<string>): Record<string, boolean> {
  return Object.fromEntries([...names].sort().map((name) => [name, true]));
}
