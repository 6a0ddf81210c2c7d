import type { PageFields } from '../../model/alert.ts';
import { type AlertStory, storyOf } from '../lib/alert-story.ts';
import { isUrgent, playbookOf, sentenceOf } from '../lib/alerts.ts';
import { logQueryOf } from '../lib/correlate.ts';
import { exactNumber, parseValue, span } from '../lib/format.ts';
import { readPlaybookLink } from '../lib/playbook-link.ts';
import { usePoll } from '../lib/poll.ts';
import { thresholdOf } from '../lib/promql-text.ts';
import { type TimeRange, formatLength } from '../lib/range.ts';
import { clipped } from '../lib/text.ts';
import { Age, Time } from '../lib/time.tsx';
import { useTitle } from '../lib/title.ts';
import { exploreLogs, exploreMetrics } from '../lib/url.ts';
import { Boundary } from '../parts/boundary.tsx';
import { History } from '../parts/history.tsx';
import { Labels } from '../parts/labels.tsx';
import { Playbook } from '../parts/playbook.tsx';
import { PlaybookAnchor } from '../parts/playbook-anchor.tsx';
import { PromqlText } from '../parts/promql.tsx';
import { RangeChart } from '../parts/range-chart.tsx';
import { Failure, type Grade, Loading, State } from '../parts/state.tsx';
import { Text } from '../parts/text.tsx';

const MINUTE = 60_000;

/** One alert, active or over: what hurts, the value against its limit, what to do, and how it came to be. */
export function AlertPage({ fingerprint }: { fingerprint: string }) {
  const { data, error, at } = usePoll((signal) => storyOf(fingerprint, signal), 5000, [fingerprint]);
  const sentence = data === undefined ? '' : sentenceOf(data.annotations, data.name);
  const title = data !== undefined ? sentence : at > 0 ? 'This alert is not known' : 'Alert';
  useTitle(title);
  return (
    <section class="page">
      <p class="crumb">
        <a href="/alerts">Alerts</a>
      </p>
      <header class="page-head">
        <h1>
          <Text of={title} most={500} />
        </h1>
      </header>
      <Failure error={error} />
      {at === 0 && error === '' && <Loading />}
      {at > 0 && data === undefined && (
        <p class="quiet">
          Nothing with the fingerprint <code>{clipped(fingerprint, 100)}</code> is firing or pending, and no
          notification and no event of the last 30 days has it.
        </p>
      )}
      {data !== undefined && (
        <Boundary name="The alert" reset={data}>
          <Story story={data} />
        </Boundary>
      )}
      <h2>Flight record</h2>
      <Boundary name="The history">
        <History fingerprint={data?.fingerprint ?? fingerprint} />
      </Boundary>
    </section>
  );
}

function Story({ story }: { story: AlertStory }) {
  const { labels, annotations, rule, group, page, name } = story;
  const playbook = readPlaybookLink(playbookOf(annotations, name, page?.fields), name);
  const threshold = rule === undefined ? undefined : thresholdOf(rule.query);
  return (
    <>
      <Facts story={story} />
      {annotations.description !== undefined && (
        <p>
          <Text of={annotations.description} />
        </p>
      )}
      <div class="columns">
        <div>
          {rule === undefined ? (
            <p class="note">The rule {clipped(name, 200)} is not loaded any more.</p>
          ) : (
            <>
              <RangeChart
                query={threshold?.expr ?? rule.query}
                range={rangeOf(story)}
                limit={threshold?.limit}
                height={180}
                legend={false}
                refresh={15_000}
              />
              <PromqlText text={rule.query} />
              <p class="quiet">
                {clipped(group?.file ?? '', 300)} · group {clipped(group?.name ?? '', 200)} · rule {clipped(name, 200)}
              </p>
            </>
          )}
          <Labels labels={labels} />
        </div>
        {page !== undefined && <Fields name={name} fields={page.fields} provenance={page.provenance} />}
      </div>
      <h2>What to do</h2>
      <Playbook link={playbook} />
    </>
  );
}

function Facts({ story }: { story: AlertStory }) {
  const { state, labels, value, since, endsAt, rule, page } = story;
  const grade: Grade =
    state === 'resolved' ? 'good' : state === 'pending' ? 'off' : isUrgent(labels.severity) ? 'bad' : 'warn';
  const logs = logQueryOf(labels);
  const { length, end } = rangeOf(story);
  const time = { range: formatLength(length), end: end === undefined ? undefined : String(end) };
  return (
    <p class="facts">
      <State grade={grade}>{state === 'firing' ? (labels.severity ?? 'firing') : state}</State>
      {state === 'firing' && page?.muted !== undefined && (
        <State grade="off">{`${page.muted}: it notifies no one`}</State>
      )}
      {since > 0 && (
        <span>
          {state === 'resolved' ? 'from' : 'since'} <Time at={since} />
          {state !== 'resolved' && (
            <>
              {' '}
              (<Age since={since} />)
            </>
          )}
        </span>
      )}
      {endsAt > 0 && (
        <span>
          to <Time at={endsAt} />
          {since > 0 && endsAt > since && ` (${span(endsAt - since)})`}
        </span>
      )}
      {value !== null && (
        <span>
          <span class="quiet">value</span> <span class="mono">{exactNumber(parseValue(value))}</span>
        </span>
      )}
      {rule !== undefined && <a href={exploreMetrics(rule.query, time)}>query</a>}
      <a href={exploreLogs(logs, time)}>logs</a>
    </p>
  );
}

/** Enough before the start to see what was normal; of an alert that is over, a while behind its end too. */
function rangeOf({ since, endsAt }: AlertStory): TimeRange {
  const now = Date.now();
  const last = endsAt > 0 ? endsAt : now;
  const minutes = Math.ceil((4 * (last - (since > 0 ? since : last - 15 * MINUTE))) / MINUTE);
  const length = Math.min(1440, Math.max(15, minutes)) * MINUTE;
  const behind = last + length / 4;
  return { length, end: endsAt > 0 && behind < now ? Math.round(behind / MINUTE) * MINUTE : undefined };
}

const FIELDS = ['owner', 'affected', 'region', 'datacenter', 'playbook'] as const satisfies (keyof PageFields)[];

interface FieldsProps {
  readonly name: string;
  readonly fields: PageFields;
  readonly provenance: Readonly<Partial<Record<keyof PageFields, string>>>;
}

function Fields({ name, fields, provenance }: FieldsProps) {
  return (
    <dl class="fields">
      {FIELDS.map((field) => (
        <div key={field}>
          <dt>{field}</dt>
          <dd>
            {fields[field] === '' ? (
              <span class="quiet">nothing names it</span>
            ) : field === 'playbook' ? (
              <PlaybookAnchor link={readPlaybookLink(fields.playbook, name)} />
            ) : (
              <Text of={fields[field]} most={300} />
            )}
            {provenance[field] !== undefined && <div class="quiet">from {clipped(provenance[field], 200)}</div>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
