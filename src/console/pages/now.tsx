import { type Incident, hasPlaybook, incidentsOf, isUrgent, playbookOf, stateOf } from '../lib/alerts.ts';
import { type RuleGroup, type SystemStatus, type Target, api } from '../lib/api.ts';
import { plural, span, wholeNumber } from '../lib/format.ts';
import { readPlaybookLink } from '../lib/playbook-link.ts';
import { usePoll } from '../lib/poll.ts';
import { clipped } from '../lib/text.ts';
import { Age, Time, parseTime } from '../lib/time.tsx';
import { useTitle } from '../lib/title.ts';
import { Boundary } from '../parts/boundary.tsx';
import { ClosedNote, isAbsent, isClosed } from '../parts/closed-note.tsx';
import { Labels } from '../parts/labels.tsx';
import { LongList } from '../parts/long-list.tsx';
import { Objectives } from '../parts/objectives.tsx';
import { PlaybookAnchor } from '../parts/playbook-anchor.tsx';
import { Sentence } from '../parts/sentence.tsx';
import { Failure, Loading, State } from '../parts/state.tsx';
import { Table } from '../parts/table.tsx';
import { Text } from '../parts/text.tsx';

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

  const { incidents = [], groups = [], status, targets = [] } = data ?? {};
  const all = incidents.filter(({ alert }) => alert.state === 'firing');
  const firing = all.filter(({ page }) => page?.muted === undefined);
  const muted = all.filter(({ page }) => page?.muted !== undefined);
  const pending = incidents.filter(({ alert }) => alert.state === 'pending');
  const silent = isAbsent('rules');
  const title = data === undefined ? 'Now' : headline({ firing, muted, pending }, status, silent);
  useTitle(firing.length > 0 ? `(${firing.length}) Now` : 'Now');

  return (
    <section class="page">
      <header class="page-head">
        <h1>{title}</h1>
        {data !== undefined && (
          <p class="quiet">
            as of <Time at={at} />
          </p>
        )}
      </header>
      <Failure error={error} />
      {data === undefined && error === '' && <Loading />}
      {data !== undefined && (
        <>
          {!silent && <ClosedNote of={['status', 'rules', 'alerts with their owners', 'targets']} />}
          <Boundary name="The list of alerts" reset={data}>
            {firing.length > 0 && <Incidents incidents={firing} />}
            {muted.length > 0 && (
              <>
                <h2>Firing, and notifying no one</h2>
                <Incidents incidents={muted} />
              </>
            )}
            {pending.length > 0 && (
              <>
                <h2>Pending</h2>
                <Incidents incidents={pending} />
              </>
            )}
            {incidents.length === 0 && (silent ? <NoRules /> : <Checked groups={groups} targets={targets} />)}
          </Boundary>
          <Boundary name="The list of objectives">
            <Objectives />
          </Boundary>
          {!isClosed('status') && status?.pipelines.length !== 0 && (
            <Boundary name="The list of pipelines" reset={data}>
              <h2>Pipelines</h2>
              <Pipelines status={status} />
            </Boundary>
          )}
        </>
      )}
    </section>
  );
}

function headline(
  { firing, muted, pending }: Readonly<Record<'firing' | 'muted' | 'pending', readonly Incident[]>>,
  status: SystemStatus | undefined,
  silent: boolean,
): string {
  const broken = (status?.pipelines ?? []).filter(({ state }) => state === 'failed').map(({ name }) => name);
  const blind = broken.length === 0 ? '' : `; not working: ${broken.join(', ')}`;
  const pages = firing.filter(({ alert }) => isUrgent(alert.labels.severity)).length;
  const rest = firing.length - pages;
  if (firing.length > 0) {
    const waiting = rest > 0 ? `${plural(rest, 'alert')} that can wait` : '';
    if (pages === 0) return `${waiting} firing${blind}`;
    return `${plural(pages, 'page')} firing${waiting === '' ? '' : `, and ${waiting}`}${blind}`;
  }
  const others = [
    ...(muted.length > 0 ? [`${muted.length} silenced or inhibited`] : []),
    ...(pending.length > 0 ? [`${pending.length} pending`] : []),
  ];
  if (others.length > 0)
    return `Nothing firing${muted.length > 0 ? ' that notifies' : ''}, ${others.join(', ')}${blind}`;
  if (silent) return `No rules are evaluated here${blind}`;
  return broken.length > 0 ? `Nothing firing${blind}` : 'Nothing is wrong that we know of';
}

function Incidents({ incidents }: { incidents: readonly Incident[] }) {
  return (
    <div class="incidents">
      <LongList items={incidents} height={76} keyOf={({ fingerprint }) => fingerprint}>
        {(incident) => <IncidentRow incident={incident} />}
      </LongList>
    </div>
  );
}

function IncidentRow({ incident }: { incident: Incident }) {
  const { alert, rule, page, since } = incident;
  const fields = page?.fields;
  const playbook = readPlaybookLink(playbookOf(alert.annotations, rule.name, fields), rule.name);
  const { grade, word } = stateOf(incident);
  const facts = [
    ['owner', fields?.owner],
    ['affected', fields?.affected],
    ['region', fields?.region],
    ['datacenter', fields?.datacenter],
  ] as const;
  return (
    <li class={`incident ${grade}`}>
      <div class="incident-state">
        <State grade={grade}>{word}</State>
        <Age since={since} />
      </div>
      <div class="incident-body">
        <Sentence incident={incident} />
        <p class="facts">
          <span class="mono">{clipped(rule.name, 200)}</span>
          {facts.map(([name, value]) =>
            value === undefined || value === '' ? null : (
              <span key={name}>
                <span class="quiet">{name}</span> {clipped(value, 200)}
              </span>
            ),
          )}
          {hasPlaybook(incident) && <PlaybookAnchor link={playbook} />}
        </p>
        <Labels labels={alert.labels} without={['alertname', 'severity', 'owner', 'region', 'datacenter']} />
      </div>
    </li>
  );
}

function NoRules() {
  return (
    <div class="checked">
      <p>
        This process stores and answers. Rules are evaluated by <code>crowsnest alerts --query {location.origin}</code>,
        whose console shows what fires.
      </p>
    </div>
  );
}

/** An empty list is only good news with the word on what was looked at. */
function Checked({ groups, targets }: { groups: readonly RuleGroup[]; targets: readonly Target[] }) {
  const alerting = groups.flatMap((group) => group.rules.filter(({ type }) => type === 'alerting'));
  const failed = alerting.filter(({ health }) => health === 'err');
  const newest = Math.max(0, ...groups.map(({ lastEvaluation }) => parseTime(lastEvaluation)));
  const up = targets.filter(({ health }) => health === 'up').length;
  if (isClosed('rules')) return null;
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
              <Text of={summary} most={400} />
              {detail !== '' && (
                <div class={`detail ${GRADES[state]}`}>
                  <Text of={detail} most={600} />
                </div>
              )}
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
