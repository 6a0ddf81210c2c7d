import { type Incident, hrefOf, incidentsOf, isUrgent, playbookOf, sentenceOf } from '../lib/alerts.ts';
import { type RuleGroup, type SystemStatus, type Target, api } from '../lib/api.ts';
import { plural, span, wholeNumber } from '../lib/format.ts';
import { usePoll } from '../lib/poll.ts';
import { Age, Time, parseTime } from '../lib/time.tsx';
import { Labels } from '../parts/labels.tsx';
import { playbookName } from '../parts/playbook.tsx';
import { Failure, type Grade, Loading, State } from '../parts/state.tsx';
import { Table } from '../parts/table.tsx';

/** Is anything wrong, and for whom? */
export function NowPage() {
  const { data, error, at } = usePoll(async (signal) => {
    const [groups, pages, status, targets] = await Promise.all([
      api.rules(signal),
      api.alerts(signal),
      api.status(signal),
      api.targets(signal),
    ]);
    return { incidents: incidentsOf(groups, pages), groups, status, targets: targets.activeTargets };
  }, 5000);

  if (data === undefined) {
    return (
      <section class="page">
        <h1>Now</h1>
        {error === '' ? <Loading /> : <Failure error={error} />}
      </section>
    );
  }
  const { incidents, groups, status, targets } = data;
  const firing = incidents.filter(({ alert }) => alert.state === 'firing');
  const pending = incidents.filter(({ alert }) => alert.state === 'pending');

  return (
    <section class="page">
      <header class="page-head">
        <h1>{headline(firing, pending, status)}</h1>
        <p class="quiet">
          as of <Time at={at} />
        </p>
      </header>
      <Failure error={error} />

      {firing.length > 0 && <Incidents incidents={firing} />}
      {pending.length > 0 && (
        <>
          <h2>Not sure yet</h2>
          <Incidents incidents={pending} />
        </>
      )}
      {incidents.length === 0 && <Checked groups={groups} targets={targets} />}

      <h2>Pipelines</h2>
      <Pipelines status={status} />
    </section>
  );
}

function headline(firing: readonly Incident[], pending: readonly Incident[], status: SystemStatus | undefined): string {
  const broken = (status?.pipelines ?? []).filter(({ state }) => state === 'failed').map(({ name }) => name);
  const blind = broken.length === 0 ? '' : `; not working: ${broken.join(', ')}`;
  const pages = firing.filter(({ alert }) => isUrgent(alert.labels.severity)).length;
  const rest = firing.length - pages;
  if (firing.length > 0) {
    const parts = [pages > 0 ? plural(pages, 'page') : '', rest > 0 ? `${plural(rest, 'alert')} that can wait` : ''];
    return `${parts.filter((part) => part !== '').join(' and ')} firing${blind}`;
  }
  if (pending.length > 0) return `Nothing firing, ${pending.length} pending${blind}`;
  return broken.length > 0 ? `Nothing firing${blind}` : 'Nothing is wrong that we know of';
}

function Incidents({ incidents }: { incidents: readonly Incident[] }) {
  return (
    <ul class="incidents">
      {incidents.map((incident) => (
        <IncidentRow key={JSON.stringify(incident.alert.labels)} incident={incident} />
      ))}
    </ul>
  );
}

function IncidentRow({ incident }: { incident: Incident }) {
  const { alert, rule, page, since } = incident;
  const fields = page?.fields;
  const playbook = playbookOf(incident);
  const grade: Grade = alert.state === 'pending' ? 'off' : isUrgent(alert.labels.severity) ? 'bad' : 'warn';
  const facts = [
    ['owner', fields?.owner],
    ['affected', fields?.affected],
    ['region', fields?.region],
    ['datacenter', fields?.datacenter],
  ] as const;
  return (
    <li class={`incident ${grade}`}>
      <div class="incident-state">
        <State grade={grade}>{alert.state === 'pending' ? 'pending' : (alert.labels.severity ?? 'firing')}</State>
        <Age since={since} />
      </div>
      <div class="incident-body">
        <a class="sentence" href={hrefOf(incident)}>
          {sentenceOf(incident)}
        </a>
        <p class="facts">
          <span class="mono">{rule.name}</span>
          {facts.map(([name, value]) =>
            value === undefined || value === '' ? null : (
              <span key={name}>
                <span class="quiet">{name}</span> {value}
              </span>
            ),
          )}
          {playbook !== '' && <a href={`/playbooks/${encodeURIComponent(playbookName(playbook))}`}>playbook</a>}
        </p>
        <Labels labels={alert.labels} without={['alertname', 'severity', 'owner', 'region', 'datacenter']} />
      </div>
    </li>
  );
}

/** An empty list is only good news with the word on what was looked at. */
function Checked({ groups, targets }: { groups: readonly RuleGroup[]; targets: readonly Target[] }) {
  const alerting = groups.flatMap((group) => group.rules.filter(({ type }) => type === 'alerting'));
  const failed = alerting.filter(({ health }) => health === 'err');
  const newest = Math.max(0, ...groups.map(({ lastEvaluation }) => parseTime(lastEvaluation)));
  const up = targets.filter(({ health }) => health === 'up').length;
  if (alerting.length === 0) {
    return (
      <div class="checked">
        <p>
          <State grade="off">No alert rule is loaded</State>, so nothing can fire. Name rule files under{' '}
          <code>alerting.rule_files</code>.
        </p>
      </div>
    );
  }
  return (
    <div class="checked">
      <p>
        {plural(alerting.length, 'alert rule')} in {plural(groups.length, 'group')} checked, last at{' '}
        <Time at={newest} />: none is firing or pending.
      </p>
      {failed.length > 0 && (
        <p>
          <State grade="warn">{`${plural(failed.length, 'rule')} could not be evaluated`}</State>{' '}
          <a href="/alerts?show=rules">which and why</a>
        </p>
      )}
      {targets.length > 0 && (
        <p>
          {up} of {plural(targets.length, 'target')} up
          {up < targets.length && (
            <>
              , <a href="/sources">the others</a>
            </>
          )}
          .
        </p>
      )}
    </div>
  );
}

const GRADES = { ok: 'good', degraded: 'warn', failed: 'bad', off: 'off' } as const;

function Pipelines({ status }: { status: SystemStatus | undefined }) {
  if (status === undefined) return <p class="quiet">This process says nothing of its pipelines.</p>;
  return (
    <Table class="pipelines" titles={['pipeline', 'state', 'what it does', { number: 'lag' }, { number: 'lost' }]}>
      {status.pipelines.map(({ name, state, summary, detail, lag, lost }) => {
        const losses = Object.entries(lost).filter(([, count]) => count > 0);
        const total = losses.reduce((sum, [, count]) => sum + count, 0);
        return (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>
              <State grade={GRADES[state]}>{state}</State>
            </td>
            <td class="wide">
              {summary}
              {detail !== '' && <div class={`detail ${GRADES[state]}`}>{detail}</div>}
            </td>
            <td class="number">{lag === undefined ? '–' : span(lag * 1000)}</td>
            <td class="number" title={losses.map(([reason, count]) => `${reason} ${count}`).join(', ')}>
              {wholeNumber(total)}
            </td>
          </tr>
        );
      })}
    </Table>
  );
}
