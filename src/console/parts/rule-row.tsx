import { useState } from 'preact/hooks';
import { type Rule, api } from '../lib/api.ts';
import { exactNumber, parseValue, plural, seconds, span } from '../lib/format.ts';
import { readPlaybookLink } from '../lib/playbook-link.ts';
import { playbookOf } from '../lib/alerts.ts';
import { usePoll } from '../lib/poll.ts';
import { thresholdOf } from '../lib/promql-text.ts';
import { clipped } from '../lib/text.ts';
import { Time, now, parseTime } from '../lib/time.tsx';
import { exploreMetrics } from '../lib/url.ts';
import { Labels } from './labels.tsx';
import { PlaybookAnchor } from './playbook-anchor.tsx';
import { PromqlText } from './promql.tsx';
import { Failure, type Grade, State } from './state.tsx';
import { Text } from './text.tsx';

/** One rule on a line; opened, what it asks, what it got last, and where it leads. */
export function RuleRow({ rule }: { rule: Rule }) {
  const [open, setOpen] = useState(false);
  const [grade, word] = gradeOf(rule);
  return (
    <li>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <State grade={grade}>{word}</State>
          <span class="mono name">{clipped(rule.name, 200)}</span>
          <span class="mono quiet expr">{clipped(rule.query, 300)}</span>
          <span class="quiet number">
            {rule.health === 'unknown' ? 'not yet evaluated' : <Time at={parseTime(rule.lastEvaluation)} />}
          </span>
        </summary>
        {open && <RuleDetails rule={rule} />}
      </details>
    </li>
  );
}

function RuleDetails({ rule }: { rule: Rule }) {
  const annotations = rule.annotations ?? {};
  return (
    <>
      <PromqlText text={rule.query} />
      {rule.lastError !== undefined && (
        <p class="failure">
          <Text of={rule.lastError} />
        </p>
      )}
      <LastValue query={rule.query} />
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
        {rule.type === 'alerting' && (
          <PlaybookAnchor link={readPlaybookLink(playbookOf(annotations, rule.name), rule.name)} />
        )}
      </p>
      <Labels labels={rule.labels} />
    </>
  );
}

const LISTED = 5;

/** The current result of the rule's expression, for an alert the compared side: it shows why the alert does not fire. */
function LastValue({ query }: { query: string }) {
  const threshold = thresholdOf(query);
  const expr = threshold?.expr ?? query;
  const { data, error } = usePoll((signal) => api.instant(expr, now.peek(), signal), 15_000, [expr]);
  if (data === undefined) return <Failure error={error} />;
  const { resultType, result } = data.data;
  if (resultType === 'scalar' || resultType === 'string') return <p class="facts">value {result[1]}</p>;
  if (result.length === 0)
    return (
      <p class="note">
        <code>{clipped(expr, 300)}</code> matches no series now
        {threshold === undefined ? '.' : ', so the alert cannot fire.'}
      </p>
    );
  return (
    <>
      <p class="note">
        {threshold === undefined ? 'Values now' : `Values now, beside the limit of ${exactNumber(threshold.limit)}`},{' '}
        {plural(result.length, 'series', 'series')}
      </p>
      <ul class="last-values">
        {result.slice(0, LISTED).map(({ metric, value }) => (
          <li key={JSON.stringify(metric)}>
            <span class="mono">{exactNumber(parseValue(value?.[1] ?? null))}</span> <Labels labels={metric} />
          </li>
        ))}
        {result.length > LISTED && <li class="quiet">and {result.length - LISTED} more</li>}
      </ul>
    </>
  );
}

/** The field's words: an alert is firing, pending or inactive; a recording is ok; either may have an error. */
function gradeOf(rule: Rule): [Grade, string] {
  if (rule.health === 'err') return ['bad', 'error'];
  if (rule.state === 'firing') return ['bad', 'firing'];
  if (rule.state === 'pending') return ['warn', 'pending'];
  if (rule.health === 'unknown') return ['off', 'waiting'];
  return ['good', rule.type === 'alerting' ? 'inactive' : 'ok'];
}
