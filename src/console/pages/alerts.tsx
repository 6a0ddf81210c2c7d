import { useMemo, useState } from 'preact/hooks';
import { type Incident, incidentsOf, playbookOf, stateOf, textOf } from '../lib/alerts.ts';
import { type RuleGroup, api } from '../lib/api.ts';
import { plural } from '../lib/format.ts';
import { readPlaybookLink } from '../lib/playbook-link.ts';
import { usePoll } from '../lib/poll.ts';
import { Age } from '../lib/time.tsx';
import { useTitle } from '../lib/title.ts';
import { useAddress } from '../lib/url.ts';
import { Boundary } from '../parts/boundary.tsx';
import { ClosedNote, isClosed } from '../parts/closed-note.tsx';
import { Filter } from '../parts/filter.tsx';
import { History } from '../parts/history.tsx';
import { Labels } from '../parts/labels.tsx';
import { LongList } from '../parts/long-list.tsx';
import { PlaybookDetails } from '../parts/playbook.tsx';
import { Rules } from '../parts/rules.tsx';
import { Sent } from '../parts/sent.tsx';
import { Sentence } from '../parts/sentence.tsx';
import { Failure, Loading, State } from '../parts/state.tsx';
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
  const name = tabs.find(({ id }) => id === open)?.name ?? '';
  useTitle(open === 'active' ? 'Alerts' : `${name} · Alerts`);
  return (
    <section class="page">
      <header class="page-head">
        <h1>Alerts</h1>
        <Tabs tabs={tabs} param="show" label="Parts of Alerts" />
      </header>
      <Failure error={error} />
      <ClosedNote of={['rules', 'alerts with their owners', 'notifications', 'deliveries', 'the history of alerts']} />
      {data === undefined && error === '' && <Loading />}
      <Boundary name={name} reset={`${open}${data === undefined}`}>
        {data !== undefined && open === 'active' && <Active incidents={incidents} groups={groups} />}
        {data !== undefined && open === 'rules' && !isClosed('rules') && <Rules groups={groups} />}
        {open === 'sent' && <Sent />}
        {open === 'history' && <History />}
      </Boundary>
    </section>
  );
}

function Active({ incidents, groups }: { incidents: readonly Incident[]; groups: readonly RuleGroup[] }) {
  const [filter, setFilter] = useState('');
  const texts = useMemo(() => new Map(incidents.map((incident) => [incident, textOf(incident)])), [incidents]);
  if (incidents.length === 0) {
    if (isClosed('rules')) return null;
    const count = groups.flatMap(({ rules }) => rules).filter(({ type }) => type === 'alerting').length;
    return <p class="empty">{plural(count, 'alert rule')} checked; none is firing or pending.</p>;
  }
  const words = filter.toLowerCase().split(/\s+/);
  const found = incidents.filter((incident) => words.every((word) => texts.get(incident)?.includes(word)));
  return (
    <>
      {incidents.length > 1 && (
        <Filter
          label="Filter alerts"
          value={filter}
          onChange={setFilter}
          count={found.length}
          of={plural(incidents.length, 'alert')}
        />
      )}
      {found.length === 0 && <p class="empty">No active alert has all of these words in its labels or its summary.</p>}
      <LongList as="div" class="stack" items={found} height={110} keyOf={({ fingerprint }) => fingerprint}>
        {(incident, i) => <ActiveAlertCard incident={incident} first={i === 0} />}
      </LongList>
    </>
  );
}

function ActiveAlertCard({ incident, first }: { incident: Incident; first: boolean }) {
  const { alert, rule, page, since } = incident;
  const firing = alert.state === 'firing';
  const { grade, word } = stateOf(incident);
  const playbook = readPlaybookLink(playbookOf(alert.annotations, rule.name, page?.fields), rule.name);
  return (
    <Boundary name="The alert" reset={incident}>
      <article class={`card ${grade}`}>
        <header>
          <State grade={grade}>{word}</State>
          <Sentence incident={incident} />
          <span class="quiet">
            for <Age since={since} />
          </span>
        </header>
        <Labels labels={alert.labels} without={['severity']} />
        <PlaybookDetails link={playbook} open={first && firing} />
      </article>
    </Boundary>
  );
}
