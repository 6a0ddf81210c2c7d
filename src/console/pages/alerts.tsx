import { useState } from 'preact/hooks';
import { type Incident, hrefOf, incidentsOf, isUrgent, playbookOf, sentenceOf } from '../lib/alerts.ts';
import { type Rule, type RuleGroup, api } from '../lib/api.ts';
import { plural, seconds, span } from '../lib/format.ts';
import { usePoll } from '../lib/poll.ts';
import { Age, Time, parseTime } from '../lib/time.tsx';
import { exploreMetrics, useAddress } from '../lib/url.ts';
import { History } from '../parts/history.tsx';
import { Labels } from '../parts/labels.tsx';
import { PlaybookText, playbookName } from '../parts/playbook.tsx';
import { PromqlText } from '../parts/promql.tsx';
import { Sent } from '../parts/sent.tsx';
import { Failure, type Grade, Loading, State } from '../parts/state.tsx';
import { Tabs, openTab } from '../parts/tabs.tsx';

/** Why was somebody told, what does it say, and what next? */
export function AlertsPage() {
  const { data, error } = usePoll(async (signal) => {
    const [groups, pages] = await Promise.all([api.rules(signal), api.alerts(signal)]);
    return { groups, incidents: incidentsOf(groups, pages) };
  }, 5000);
  const { params } = useAddress();

  const groups = data?.groups ?? [];
  const incidents = data?.incidents ?? [];
  const tabs = [
    { id: 'active', name: 'Active', count: data === undefined ? undefined : incidents.length },
    { id: 'rules', name: 'Rules', count: data === undefined ? undefined : groups.flatMap(({ rules }) => rules).length },
    { id: 'sent', name: 'Notifications' },
    { id: 'history', name: 'History' },
  ];
  const open = openTab(tabs, params.show);
  return (
    <section class="page">
      <header class="page-head">
        <h1>Alerts</h1>
        <Tabs tabs={tabs} param="show" label="Parts of Alerts" />
      </header>
      <Failure error={error} />
      {data === undefined && error === '' && <Loading />}
      {data !== undefined && open === 'active' && <Active incidents={incidents} groups={groups} />}
      {data !== undefined && open === 'rules' && <Rules groups={groups} />}
      {open === 'sent' && <Sent />}
      {open === 'history' && <History />}
    </section>
  );
}

function Active({ incidents, groups }: { incidents: readonly Incident[]; groups: readonly RuleGroup[] }) {
  if (incidents.length === 0) {
    const count = groups.flatMap(({ rules }) => rules).filter(({ type }) => type === 'alerting').length;
    return <p class="empty">{plural(count, 'alert rule')} looked at; none is firing or pending.</p>;
  }
  return (
    <div class="stack">
      {incidents.map((incident, i) => (
        <ActiveAlertCard key={JSON.stringify(incident.alert.labels)} incident={incident} first={i === 0} />
      ))}
    </div>
  );
}

function ActiveAlertCard({ incident, first }: { incident: Incident; first: boolean }) {
  const { alert, rule, since } = incident;
  const playbook = playbookOf(incident);
  const firing = alert.state === 'firing';
  const grade: Grade = !firing ? 'off' : isUrgent(alert.labels.severity) ? 'bad' : 'warn';
  return (
    <article class={`card ${grade}`}>
      <header>
        <State grade={grade}>{firing ? (alert.labels.severity ?? 'firing') : 'pending'}</State>
        <a class="sentence" href={hrefOf(incident)}>
          {sentenceOf(incident)}
        </a>
        <span class="quiet">
          for <Age since={since} />
        </span>
      </header>
      <Labels labels={alert.labels} without={['severity']} />
      {playbook === '' ? (
        <p class="quiet">
          {rule.name} names no playbook: set the annotation <code>runbook_url</code>.
        </p>
      ) : (
        <details open={first && firing}>
          <summary>Playbook {playbookName(playbook)}</summary>
          <PlaybookText name={playbookName(playbook)} />
        </details>
      )}
    </article>
  );
}

function Rules({ groups }: { groups: readonly RuleGroup[] }) {
  const [filter, setFilter] = useState('');
  const wanted = filter.toLowerCase();
  const shown = groups
    .map((group) => ({
      ...group,
      rules: group.rules.filter(({ name, query }) => `${group.name} ${name} ${query}`.toLowerCase().includes(wanted)),
    }))
    .filter(({ rules }) => rules.length > 0);
  if (groups.length === 0)
    return (
      <p class="empty">
        No rule is loaded. Name rule files under <code>alerting.rule_files</code>.
      </p>
    );
  return (
    <>
      <input
        type="search"
        data-search
        class="filter"
        placeholder="Filter rules   /"
        aria-label="Filter rules"
        value={filter}
        onInput={(event) => setFilter(event.currentTarget.value)}
      />
      {shown.length === 0 && <p class="empty">None of the rules has “{filter}” in its name or expression.</p>}
      {shown.map((group) => (
        <section key={`${group.file};${group.name}`} class="rule-group">
          <h2>
            {group.name}{' '}
            <span class="quiet">
              {group.file} · every {span(group.interval * 1000)} · took {seconds(group.evaluationTime)}
            </span>
          </h2>
          <ul class="rules">
            {group.rules.map((rule) => (
              <RuleRow key={`${rule.name}${rule.query}`} rule={rule} />
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

function RuleRow({ rule }: { rule: Rule }) {
  const [grade, word] = gradeOf(rule);
  return (
    <li>
      <details>
        <summary>
          <State grade={grade}>{word}</State>
          <span class="mono name">{rule.name}</span>
          <span class="mono quiet expr">{rule.query}</span>
          <span class="quiet number">
            {rule.health === 'unknown' ? 'not yet evaluated' : <Time at={parseTime(rule.lastEvaluation)} />}
          </span>
        </summary>
        <PromqlText text={rule.query} />
        {rule.lastError !== undefined && <p class="failure">{rule.lastError}</p>}
        <p class="facts">
          {rule.duration !== undefined && rule.duration > 0 && (
            <span>
              <span class="quiet">for</span> {span(rule.duration * 1000)}
            </span>
          )}
          <span>
            <span class="quiet">takes</span> {seconds(rule.evaluationTime)}
          </span>
          <a href={exploreMetrics(rule.query)}>explore</a>
          {rule.annotations?.runbook_url !== undefined && (
            <a href={`/playbooks/${encodeURIComponent(playbookName(rule.annotations.runbook_url))}`}>playbook</a>
          )}
        </p>
        <Labels labels={rule.labels} />
      </details>
    </li>
  );
}

function gradeOf(rule: Rule): [Grade, string] {
  if (rule.health === 'err') return ['bad', 'error'];
  if (rule.state === 'firing') return ['bad', 'firing'];
  if (rule.state === 'pending') return ['warn', 'pending'];
  return rule.health === 'unknown' ? ['off', 'waiting'] : ['good', 'ok'];
}
