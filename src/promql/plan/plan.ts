import type { AggregateOp, BinaryOp, PosRange, ValueType, VectorMatching } from '../syntax/ast.ts';
import type { Matcher } from '../../model/matcher.ts';

/**
 * A query made ready to run: durations and `@` are numbers in milliseconds, parentheses and `+` are gone, and what gives the
 * same at every step is wrapped in an `invariant`.
 */
export type Node =
  | NumberNode
  | StringNode
  | SelectNode
  | WindowNode
  | SubqueryNode
  | AggregateNode
  | BinaryNode
  | NegateNode
  | CallNode
  | InvariantNode;

interface Base {
  readonly type: ValueType;
  readonly pos: PosRange;
}

export interface NumberNode extends Base {
  readonly kind: 'number';
  readonly value: number;
}

export interface StringNode extends Base {
  readonly kind: 'string';
  readonly value: string;
}

export interface SelectNode extends Base {
  readonly kind: 'select';
  readonly matchers: readonly Matcher[];
  readonly offset: number;
  /** Where `@` fixes the time, `offset` not yet taken off. */
  readonly at: number | undefined;
  readonly extension: 'anchored' | 'smoothed' | undefined;
  /** Of histograms only count and sum are asked for. */
  readonly statsOnly: boolean;
}

export interface WindowNode extends Base {
  readonly kind: 'window';
  readonly select: SelectNode;
  readonly range: number;
}

export interface SubqueryNode extends Base {
  readonly kind: 'subquery';
  readonly node: Node;
  readonly range: number;
  readonly step: number;
  readonly offset: number;
  readonly at: number | undefined;
}

export interface AggregateNode extends Base {
  readonly kind: 'aggregate';
  readonly op: AggregateOp;
  readonly node: Node;
  readonly param: Node | undefined;
  readonly grouping: readonly string[];
  readonly without: boolean;
}

export interface BinaryNode extends Base {
  readonly kind: 'binary';
  readonly op: BinaryOp;
  readonly left: Node;
  readonly right: Node;
  readonly bool: boolean;
  readonly matching: VectorMatching | undefined;
}

export interface NegateNode extends Base {
  readonly kind: 'negate';
  readonly node: Node;
}

export interface CallNode extends Base {
  readonly kind: 'call';
  readonly func: string;
  readonly args: readonly Node[];
}

export interface InvariantNode extends Base {
  readonly kind: 'invariant';
  readonly node: Node;
}
