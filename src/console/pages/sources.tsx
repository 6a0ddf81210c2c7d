import { type LogFileStatus, type StoreStat, type Target, api } from '../lib/api.ts';
import { bytes, plural, seconds, wholeNumber } from '../lib/format.ts';
import { matcher, quoted, selector } from '../lib/names.ts';
import { usePoll } from '../lib/poll.ts';
import { Age, Time, parseTime } from '../lib/time.tsx';
import { clipped } from '../lib/text.ts';
import { useTitle } from '../lib/title.ts';
import { address, exploreMetrics, useAddress } from '../lib/url.ts';
import { Boundary } from '../parts/boundary.tsx';
import { ClosedNote, isClosed } from '../parts/closed-note.tsx';
import { Labels } from '../parts/labels.tsx';
import { Failure, type Grade, Loading, State } from '../parts/state.tsx';
import { Tabs, openTab } from '../parts/tabs.tsx';
import { Table } from '../parts/table.tsx';
import { Text } from '../parts/text.tsx';

/** Is everything covered? */
export function SourcesPage() {
  const { params } = useAddress();
  const { data, error } = usePoll(async (signal) => {
    const [targets, files, store] = await Promise.all([api.targets(signal), api.logFiles(signal), api.store(signal)]);
    return { ...targets, files, store };
  }, 10_000);
  const down = data?.activeTargets.filter(({ health }) => health === 'down').length ?? 0;
  const tabs = [
    { id: 'targets', name: 'Targets', count: data?.activeTargets.length },
    { id: 'logs', name: 'Log files', count: data?.files.length },
    { id: 'store', name: 'Store' },
  ];
  const open = openTab(tabs, params.show);
  useTitle(open === 'targets' ? 'Sources' : `${tabs.find(({ id }) => id === open)?.name} · Sources`);
  return (
    <section class="page">
      <header class="page-head">
        <h1>{down > 0 ? `${plural(down, 'target')} down` : 'Sources'}</h1>
        <Tabs tabs={tabs} param="show" label="Parts of Sources" />
      </header>
      <Failure error={error} />
      {data === undefined && error === '' && <Loading />}
      <ClosedNote of={['targets', 'log files', 'the store']} />
      {data !== undefined && (
        <Boundary name="This part" reset={open}>
          {open === 'targets' && !isClosed('targets') && (
            <Targets active={data.activeTargets} dropped={data.droppedTargets} />
          )}
          {open === 'logs' && !isClosed('log files') && <Files files={data.files} />}
          {open === 'store' && !isClosed('the store') && <Store stat={data.store} />}
        </Boundary>
      )}
    </section>
  );
}

const HEALTH: Readonly<Record<Target['health'], Grade>> = { up: 'good', down: 'bad', unknown: 'off' };

type TargetsAnswer = Awaited<ReturnType<typeof api.targets>>;

function Targets({ active, dropped }: { active: readonly Target[]; dropped: TargetsAnswer['droppedTargets'] }) {
  const rows = [...active].sort((a, b) => weight(a) - weight(b) || a.scrapeUrl.localeCompare(b.scrapeUrl));
  return (
    <>
      {active.length === 0 ? (
        <p class="empty">
          Nothing is scraped. Name targets under <code>collect.scrape_configs</code>.
        </p>
      ) : (
        <Table
          class="targets"
          label="Targets"
          titles={['state', 'target', 'labels', { number: 'last scrape' }, { number: 'took' }, { number: 'every' }]}
        >
          {rows.map((target) => (
            <tr key={`${target.scrapePool}${target.scrapeUrl}${JSON.stringify(target.labels)}`}>
              <td>
                <State grade={HEALTH[target.health]}>{target.health}</State>
              </td>
              <td class="wide">
                <span class="mono">{clipped(target.scrapeUrl, 300)}</span>
                {target.lastError !== '' && (
                  <div class="detail bad">
                    <Text of={target.lastError} most={600} />
                  </div>
                )}
                <LeftOut target={target} />
              </td>
              <td>
                <Labels
                  labels={target.labels}
                  link={(name, value) => exploreMetrics(selector('up', [matcher(name, value)]))}
                />
              </td>
              <td class="number">
                <Age since={parseTime(target.lastScrape)} />
              </td>
              <td class="number">{seconds(target.lastScrapeDuration)}</td>
              <td class="number">{target.scrapeInterval}</td>
            </tr>
          ))}
        </Table>
      )}
      {dropped.length > 0 && (
        <details>
          <summary>{plural(dropped.length, 'target')} dropped by relabeling</summary>
          <ul class="plain">
            {dropped.map((target) => (
              <li key={JSON.stringify(target.discoveredLabels)}>
                <span class="mono">{target.scrapePool}</span> {clipped(target.reason ?? '', 500)}{' '}
                <Labels labels={target.discoveredLabels} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

/** Lines of the last page that were not taken, with the first of them. */
function LeftOut({ target: { leftOut } }: { target: Target }) {
  if (leftOut === undefined) return null;
  return (
    <div class="detail warn">
      {plural(leftOut.lines, 'line')} of the last page left out, the first: <Text of={leftOut.first} most={400} />
    </div>
  );
}

function weight({ health }: Target): number {
  return ['down', 'unknown', 'up'].indexOf(health);
}

const FILE_GRADES: Readonly<Record<LogFileStatus['state'], Grade>> = {
  following: 'good',
  idle: 'good',
  finished: 'off',
  skipped: 'warn',
};

function Files({ files }: { files: readonly LogFileStatus[] }) {
  if (files.length === 0)
    return (
      <p class="empty">
        No log file is followed. Name files under <code>logs.files</code>.
      </p>
    );
  return (
    <Table
      titles={['state', 'file', { number: 'lines' }, { number: 'size' }, { number: 'behind' }, { number: 'last read' }]}
    >
      {files.map((file) => (
        <tr key={file.path}>
          <td>
            <State grade={FILE_GRADES[file.state]}>{file.state}</State>
          </td>
          <td class="wide">
            <a class="mono" href={address('/explore', { view: 'logs', logs: `log.file.path: ${quoted(file.path)}` })}>
              {clipped(file.path, 300)}
            </a>
            {file.reason !== '' && (
              <div class="detail">
                <Text of={file.reason} most={600} />
              </div>
            )}
          </td>
          <td class="number">{wholeNumber(file.lines)}</td>
          <td class="number">{bytes(file.size)}</td>
          <td class="number">{file.state === 'skipped' ? '–' : bytes(Math.max(0, file.size - file.position))}</td>
          <td class="number">{file.lastRead > 0 || file.position === 0 ? <Age since={file.lastRead} /> : '–'}</td>
        </tr>
      ))}
    </Table>
  );
}

function Store({ stat }: { stat: StoreStat | undefined }) {
  if (stat === undefined)
    return <p class="empty">This process has no embedded store: what is collected is shipped elsewhere.</p>;
  const figures = [
    ['series', wholeNumber(stat.series)],
    ['samples', wholeNumber(stat.samples)],
    ['log records', wholeNumber(stat.logRecords)],
    ['on disk', bytes(stat.bytes)],
    ['keeps', stat.retention],
  ] as const;
  return (
    <>
      <dl class="figures">
        {figures.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
        <div>
          <dt>oldest</dt>
          <dd>
            <Time at={stat.minTime} />
          </dd>
        </div>
      </dl>
      {stat.damaged.length > 0 && (
        <p class="failure" role="alert">
          The store found damage. In its folder <code>damaged</code>: {stat.damaged.join(', ')}
        </p>
      )}
      <div class="columns">
        <Counts title="Series by metric" counts={stat.seriesByMetric} link={(name) => exploreMetrics(selector(name))} />
        <Counts title="Values by label" counts={stat.valuesByLabel} />
        <Counts title="Series by label and value" counts={stat.seriesByLabelPair} />
      </div>
    </>
  );
}

interface CountsProps {
  readonly title: string;
  readonly counts: StoreStat['seriesByMetric'];
  readonly link?: (name: string) => string;
}

function Counts({ title, counts, link }: CountsProps) {
  const most = Math.max(1, ...counts.map(({ value }) => value));
  if (counts.length === 0) return null;
  return (
    <section>
      <h2>{title}</h2>
      <table class="counts">
        <tbody>
          {counts.map(({ name, value }) => (
            <tr key={name}>
              <th scope="row">
                {link === undefined ? clipped(name, 200) : <a href={link(name)}>{clipped(name, 200)}</a>}
              </th>
              <td class="bar-cell">
                <meter min={0} max={most} value={value} aria-hidden="true" />
              </td>
              <td class="number">{wholeNumber(value)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
