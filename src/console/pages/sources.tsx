import { type LogFileStatus, type StoreStat, type Target, api } from '../lib/api.ts';
import { bytes, plural, seconds, wholeNumber } from '../lib/format.ts';
import { usePoll } from '../lib/poll.ts';
import { Age, Time, parseTime } from '../lib/time.tsx';
import { address, exploreMetrics, useAddress } from '../lib/url.ts';
import { Labels } from '../parts/labels.tsx';
import { quoted } from '../lib/promql-text.ts';
import { Failure, type Grade, Loading, State } from '../parts/state.tsx';
import { Tabs, openTab } from '../parts/tabs.tsx';
import { Table } from '../parts/table.tsx';

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
  return (
    <section class="page">
      <header class="page-head">
        <h1>{down > 0 ? `${plural(down, 'target')} down` : 'Sources'}</h1>
        <Tabs tabs={tabs} param="show" label="Parts of Sources" />
      </header>
      <Failure error={error} />
      {data === undefined && error === '' && <Loading />}
      {data !== undefined && open === 'targets' && (
        <Targets active={data.activeTargets} dropped={data.droppedTargets} />
      )}
      {data !== undefined && open === 'logs' && <Files files={data.files} />}
      {data !== undefined && open === 'store' && <Store stat={data.store} />}
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
          titles={['state', 'target', 'labels', { number: 'last scrape' }, { number: 'took' }, { number: 'every' }]}
        >
          {rows.map((target) => (
            <tr key={`${target.scrapePool}${target.scrapeUrl}${JSON.stringify(target.labels)}`}>
              <td>
                <State grade={HEALTH[target.health]}>{target.health}</State>
              </td>
              <td class="wide">
                <span class="mono">{target.scrapeUrl}</span>
                {target.lastError !== '' && <div class="detail bad">{target.lastError}</div>}
              </td>
              <td>
                <Labels labels={target.labels} link={(name, value) => exploreMetrics(`up{${name}=${quoted(value)}}`)} />
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
                <span class="mono">{target.scrapePool}</span> {target.reason}{' '}
                <Labels labels={target.discoveredLabels} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
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
              {file.path}
            </a>
            {file.reason !== '' && <div class="detail">{file.reason}</div>}
          </td>
          <td class="number">{wholeNumber(file.lines)}</td>
          <td class="number">{bytes(file.size)}</td>
          <td class="number">{file.state === 'skipped' ? '–' : bytes(Math.max(0, file.size - file.position))}</td>
          <td class="number">
            <Age since={file.lastRead} />
          </td>
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
      <div class="columns">
        <Counts title="Series by metric" counts={stat.seriesByMetric} link={(name) => exploreMetrics(name)} />
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
              <th scope="row">{link === undefined ? name : <a href={link(name)}>{name}</a>}</th>
              <td class="number">
                <meter min={0} max={most} value={value} aria-hidden="true" /> {wholeNumber(value)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
