import type { Query } from '../model/query.ts';
import { Labels } from '../model/labels.ts';
import type { Engine } from '../promql/index.ts';

/** PromQL at one time as rules need it: a scalar becomes a sample without labels. */
export function queryOf(engine: Engine): Query {
  return async (expr, at, signal) => {
    const { warnings, infos, ...result } = await engine.instant(expr, at, { signal });
    switch (result.type) {
      case 'vector':
        return { samples: result.samples, warnings, infos };
      case 'scalar':
        return { samples: [{ labels: Labels.EMPTY, timestamp: at, value: result.value }], warnings, infos };
      default:
        throw new Error(`a rule needs an instant vector or a scalar, not a ${result.type}`);
    }
  };
}
