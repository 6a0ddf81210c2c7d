import { useRoute } from 'preact-iso';
import type { PageFields } from '../../model/alert.ts';
import { type Incident, incidentsOf, isUrgent, playbookOf, sentenceOf } from '../lib/alerts.ts';
import { api } from '../lib/api.ts';
import { shortNumber } from '../lib/format.ts';
import { logQueryOf } from '../lib/correlate.ts';
import { usePoll } from '../lib/poll.ts';
import { thresholdOf } from '../lib/promql-text.ts';
import { formatLength } from '../lib/range.ts';
import { Age, Time } from '../lib/time.tsx';
import { exploreLogs, exploreMetrics } from '../lib/url.ts';
import { History } from '../parts/history.tsx';
import { Labels } from '../parts/labels.tsx';
import { PlaybookText, playbookName } from '../parts/playbook.tsx';
import { PromqlText } from '../parts/promql.tsx';
import { RangeChart } from '../parts/range-chart.tsx';
import { Failure, type Grade, State } from '../parts/state.tsx';

const MINUTE = 60_000;

/** One alert: what hurts, the value against its limit, what to do, and how it came to be. */
export function AlertPage() {
  const { params } = useRoute();
  const { fingerprint } = params;
  const { data, error } = usePoll(
    async (signal) => {
      const [groups, pages] = await Promise.all([api.rules(signal), api.alerts(signal)]);
      return incidentsOf(groups, pages).find(
        ({ page, rule }) => page?.fingerprint === fingerprint || (page === undefined && rule.name === fingerprint),
      );
    },
    5000,
    [fingerprint],
  );
  return (
    <section class="page">
      <p class="crumb">
        <a href="/alerts">Alerts</a>
      </p>
      <Failure error={error} />
      {data === undefined && error === '' && <NotActive fingerprint={fingerprint} />}
      {data !== undefined && <Active incident={data} />}
      <h2>Flight record</h2>
      <History fingerprint={data?.page?.fingerprint ?? fingerprint} />
    </section>
  );
}

function NotActive({ fingerprint }: { fingerprint: string }) {
  return (
    <>
      <h1>This alert is not active</h1>
      <p class="quiet">
        Nothing with the fingerprint <code>{fingerprint}</code> is firing or pending now. What is known of it stands
        below.
      </p>
    </>
  );
}

function Active({ incident }: { incident: Incident }) {
  const { alert, rule, group, page, since } = incident;
  const playbook = playbookOf(incident);
  const firing = alert.state === 'firing';
  const grade: Grade = !firing ? 'off' : isUrgent(alert.labels.severity) ? 'bad' : 'warn';
  const threshold = thresholdOf(rule.query);
  // Enough before the start to see what was normal.
  const length = Math.min(1440, Math.max(15, Math.ceil((4 * (Date.now() - since)) / MINUTE))) * MINUTE;
  return (
    <>
      <header class="page-head">
        <h1>{sentenceOf(incident)}</h1>
      </header>
      <p class="facts">
        <State grade={grade}>{firing ? (alert.labels.severity ?? 'firing') : 'pending'}</State>
        <span>
          since <Time at={since} /> (<Age since={since} />)
        </span>
        <span>
          <span class="quiet">value</span> <span class="mono">{shortNumber(Number(alert.value))}</span>
        </span>
        <a href={exploreMetrics(rule.query)}>query</a>
        <a href={exploreLogs(logQueryOf(alert.labels), { range: formatLength(length) })}>logs</a>
      </p>
      {alert.annotations.description !== undefined && <p>{alert.annotations.description}</p>}
      <div class="columns">
        <div>
          <RangeChart
            query={threshold?.expr ?? rule.query}
            range={{ length, end: undefined }}
            limit={threshold?.limit}
            height={180}
            legend={false}
            refresh={15_000}
          />
          <PromqlText text={rule.query} />
          <p class="quiet">
            {group.file} · group {group.name} · rule {rule.name}
          </p>
          <Labels labels={alert.labels} />
        </div>
        {page !== undefined && <Fields fields={page.fields} provenance={page.provenance} />}
      </div>
      <h2>What to do</h2>
      {playbook === '' ? (
        <p class="empty">
          {rule.name} names no playbook: set its annotation <code>runbook_url</code>.
        </p>
      ) : (
        <PlaybookText name={playbookName(playbook)} />
      )}
    </>
  );
}

const FIELDS = ['owner', 'affected', 'region', 'datacenter', 'playbook'] as const satisfies (keyof PageFields)[];

function Fields({ fields, provenance }: Pick<NonNullable<Incident['page']>, 'fields' | 'provenance'>) {
  return (
    <dl class="fields">
      {FIELDS.map((name) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <FieldValue name={name} value={fields[name]} />
            {provenance[name] !== undefined && <div class="quiet">from {provenance[name]}</div>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function FieldValue({ name, value }: { name: keyof PageFields; value: string }) {
  if (value === '') return <span class="quiet">nothing names it</span>;
  if (name !== 'playbook') return value;
  const playbook = playbookName(value);
  return <a href={`/playbooks/${encodeURIComponent(playbook)}`}>{playbook}</a>;
}
