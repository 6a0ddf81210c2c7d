import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import type { Dashboard, DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

/** The data source that the viewer chooses at the top of a dashboard. */
export const SOURCE = { type: 'prometheus', uid: '${datasource}' };

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
  const dashboard = builder.build();
  return { ...dashboard, panels: dashboard.panels?.map((one, i) => ({ ...one, id: i + 1 })) };
}
