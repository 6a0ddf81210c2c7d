import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import {
  DashboardBuilder,
  DashboardCursorSync,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

/** The data source that the viewer chooses at the top of a dashboard. */
export const SOURCE = { type: 'prometheus', uid: '${datasource}' };

/** An empty dashboard whose data source the viewer chooses; `name` becomes its uid and tag. */
export function dashboard(title: string, name: string, description: string, hours: number): DashboardBuilder {
  return new DashboardBuilder(title)
    .uid(`crowsnest-${name}`)
    .description(description)
    .tags(['crowsnest', name])
    .refresh('30s')
    .time({ from: `now-${hours}h`, to: 'now' })
    .tooltip(DashboardCursorSync.Crosshair)
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'));
}

/** A choice at the top, filled by a query such as `label_values(kube_node_info, node)`. */
export function choice(name: string, label: string, query: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(SOURCE)
    .query(query)
    .refresh(VariableRefresh.OnTimeRangeChanged);
}

/** Curves over time, half as wide as the page. */
export function panel(
  title: string,
  unit: string,
  ...queries: readonly (readonly [expr: string, legend: string])[]
): TimeseriesBuilder {
  const builder = new TimeseriesBuilder().title(title).unit(unit).datasource(SOURCE).span(12).height(8).fillOpacity(10);
  for (const [expr, legend] of queries) builder.withTarget(new DataqueryBuilder().expr(expr).legendFormat(legend));
  return builder;
}

/** A dashboard as a file: Grafana gives panels ids when it saves; a file that has them stays the same under version control. */
export function asFile(builder: DashboardBuilder): Dashboard {
  const built = builder.build();
  return { ...built, panels: built.panels?.map((one, i) => ({ ...one, id: i + 1 })) };
}
