import { useMemo, useState } from 'preact/hooks';
import type { Rule, RuleGroup } from '../lib/api.ts';
import { plural, seconds, span } from '../lib/format.ts';
import { clipped } from '../lib/text.ts';
import { Filter } from './filter.tsx';
import { LongList } from './long-list.tsx';
import { RuleRow } from './rule-row.tsx';

type Row =
  | { readonly kind: 'group'; readonly group: RuleGroup; readonly key: string }
  | { readonly kind: 'rule'; readonly rule: Rule; readonly key: string };

interface Entry {
  readonly group: RuleGroup;
  readonly rules: readonly { readonly rule: Rule; readonly text: string; readonly key: string }[];
}

/** Rules by group. What the filter looks at is made once an answer, not once a key. */
export function Rules({ groups }: { groups: readonly RuleGroup[] }) {
  const [filter, setFilter] = useState('');
  const entries = useMemo(() => groups.map(entryOf), [groups]);
  const total = entries.reduce((sum, { rules }) => sum + rules.length, 0);
  const rows = useMemo(() => rowsOf(entries, filter.toLowerCase()), [entries, filter]);
  if (groups.length === 0)
    return (
      <p class="empty">
        No rule is loaded. Name rule files under <code>alerting.rule_files</code>.
      </p>
    );
  const count = rows.filter(({ kind }) => kind === 'rule').length;
  return (
    <>
      <Filter
        label="Filter rules"
        value={filter}
        onChange={setFilter}
        count={count}
        of={`${plural(total, 'rule')} in ${plural(groups.length, 'group')}`}
      />
      {count === 0 && <p class="empty">None of the rules has “{clipped(filter, 100)}” in its name or expression.</p>}
      <LongList class="rules" items={rows} height={30} keyOf={({ key }) => key}>
        {(row) => (row.kind === 'group' ? <GroupHead group={row.group} /> : <RuleRow rule={row.rule} />)}
      </LongList>
    </>
  );
}

function entryOf(group: RuleGroup): Entry {
  const key = `${group.file};${group.name}`;
  const rules = group.rules.map((rule, i) => ({
    rule,
    text: `${group.name} ${rule.name} ${rule.query}`.toLowerCase(),
    key: `${key};${i}`,
  }));
  return { group, rules };
}

function rowsOf(entries: readonly Entry[], wanted: string): Row[] {
  return entries.flatMap(({ group, rules }): Row[] => {
    const found = rules.filter(({ text }) => text.includes(wanted));
    if (found.length === 0) return [];
    const head: Row = { kind: 'group', group, key: `${group.file};${group.name}` };
    return [head, ...found.map(({ rule, key }): Row => ({ kind: 'rule', rule, key }))];
  });
}

function GroupHead({ group }: { group: RuleGroup }) {
  return (
    <li class="rule-group">
      <h2>
        {clipped(group.name, 200)}{' '}
        <span class="quiet">
          {clipped(group.file, 300)} · every {span(group.interval * 1000)} · took {seconds(group.evaluationTime)}
        </span>
      </h2>
    </li>
  );
}
