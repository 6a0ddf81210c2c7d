import { api } from '../lib/api.ts';
import { exactNumber, parseValue } from '../lib/format.ts';
import { usePoll } from '../lib/poll.ts';
import { now } from '../lib/time.tsx';
import { exploreMetrics } from '../lib/url.ts';
import { selector, matcher } from '../lib/names.ts';
import { clipped } from '../lib/text.ts';
import { type Grade, State } from './state.tsx';
import { Table } from './table.tsx';

interface Objective {
  readonly service: string;
  readonly slo: string;
  /** Shares from 0 to 1; the budget that is left may be below 0. */
  readonly left: number;
  readonly objective: number;
  readonly burn: number;
}

const LEFT = 'slo:period_error_budget_remaining:ratio';
const GOAL = 'slo:objective:ratio';
const BURN = 'slo:current_burn_rate:ratio';

/** Objectives with the error budget that is left, the smallest first; nothing where none is recorded. */
export function Objectives() {
  const { data } = usePoll(load, 60_000);
  if (data === undefined || data.length === 0) return null;
  return (
    <>
      <h2>Objectives</h2>
      <Table
        class="objectives"
        titles={['objective', 'state', { number: 'goal' }, { number: 'budget left' }, { number: 'burn rate' }]}
      >
        {data.map(({ service, slo, left, objective, burn }) => {
          const link = exploreMetrics(selector(LEFT, [matcher('sloth_service', service), matcher('sloth_slo', slo)]), {
            range: '7d',
          });
          return (
            <tr key={`${service}\n${slo}`}>
              <th scope="row">
                <a href={link}>
                  {clipped(service, 100)} {clipped(slo, 100)}
                </a>
              </th>
              <td>
                <State grade={gradeOf(left)}>{left <= 0 ? 'used up' : left < 0.25 ? 'low' : 'ok'}</State>
              </td>
              <td class="number">{percent(objective)}</td>
              <td class="number">{percent(left)}</td>
              <td class="number">{Number.isNaN(burn) ? '–' : `${exactNumber(Number(burn.toPrecision(3)))}×`}</td>
            </tr>
          );
        })}
      </Table>
    </>
  );
}

function gradeOf(left: number): Grade {
  return left <= 0 ? 'bad' : left < 0.25 ? 'warn' : 'good';
}

function percent(share: number): string {
  return Number.isFinite(share) ? `${exactNumber(Number((100 * share).toPrecision(5)))} %` : '–';
}

/** What Sloth's rules record. A store that cannot be asked has no objectives to show. */
async function load(signal: AbortSignal): Promise<Objective[]> {
  const at = now.peek();
  const [left, goals, burns] = await Promise.all(
    [LEFT, GOAL, BURN].map((name) => api.instant(name, at, signal).catch(() => undefined)),
  );
  const values = (answer: typeof left) => {
    const result = answer?.data.resultType === 'vector' ? answer.data.result : [];
    return result.map(({ metric, value }) => ({
      service: metric.sloth_service ?? '',
      slo: metric.sloth_slo ?? '',
      value: parseValue(value?.[1] ?? null),
    }));
  };
  const of = (answer: typeof left, service: string, slo: string) =>
    values(answer).find((one) => one.service === service && one.slo === slo)?.value ?? Number.NaN;
  return values(left)
    .map(({ service, slo, value }) => ({
      service,
      slo,
      left: value,
      objective: of(goals, service, slo),
      burn: of(burns, service, slo),
    }))
    .sort((a, b) => a.left - b.left)
    .slice(0, 200);
}
