import type { Matcher } from '../../model/matcher.ts';

/** Places of UTF-16 units in the source text: first of the node, first behind it. */
export interface PosRange {
  readonly start: number;
  readonly end: number;
}

export type ValueType = 'scalar' | 'vector' | 'matrix' | 'string';

/** The tree that `parse` gives: shapes and names follow Prometheus' own (promql/parser/ast.go). Never changed once made. */
export type Expr =
  | NumberLiteral
  | StringLiteral
  | VectorSelector
  | MatrixSelector
  | Subquery
  | Aggregation
  | BinaryExpr
  | UnaryExpr
  | Call
  | ParenExpr;

export interface NumberLiteral {
  readonly kind: 'number';
  readonly value: number;
  /** Written as a duration (`5m`), which the printer keeps. */
  readonly duration: boolean;
  readonly pos: PosRange;
}

export interface StringLiteral {
  readonly kind: 'string';
  readonly value: string;
  readonly pos: PosRange;
}

/** `offset` and `@`, which stand on selectors and subqueries. */
export interface Modifiers {
  readonly offset: DurationValue;
  /** `@` with a time in milliseconds, or the query's own start or end; undefined without one. */
  readonly at: number | 'start' | 'end' | undefined;
}

export interface VectorSelector extends Modifiers {
  readonly kind: 'selector';
  /** As written before the braces; '' where the name stands in braces or nowhere. */
  readonly name: string;
  /** All of them, `__name__` included. */
  readonly matchers: readonly Matcher[];
  readonly extension: 'anchored' | 'smoothed' | undefined;
  readonly pos: PosRange;
}

export interface MatrixSelector {
  readonly kind: 'matrix';
  /** Carries the modifiers, though they are written behind the range. */
  readonly selector: VectorSelector;
  readonly range: DurationValue;
  readonly pos: PosRange;
}

export interface Subquery extends Modifiers {
  readonly kind: 'subquery';
  readonly expr: Expr;
  readonly range: DurationValue;
  /** undefined: the default evaluation interval. */
  readonly step: DurationValue | undefined;
  readonly pos: PosRange;
}

export interface Aggregation {
  readonly kind: 'aggregation';
  readonly op: AggregateOp;
  readonly expr: Expr;
  readonly param: Expr | undefined;
  readonly grouping: readonly string[];
  readonly without: boolean;
  readonly pos: PosRange;
}

export type AggregateOp =
  | 'sum'
  | 'avg'
  | 'min'
  | 'max'
  | 'count'
  | 'group'
  | 'stddev'
  | 'stdvar'
  | 'topk'
  | 'bottomk'
  | 'quantile'
  | 'count_values'
  | 'limitk'
  | 'limit_ratio';

export interface BinaryExpr {
  readonly kind: 'binary';
  readonly op: BinaryOp;
  readonly left: Expr;
  readonly right: Expr;
  readonly bool: boolean;
  /** undefined where one side is a scalar. */
  readonly matching: VectorMatching | undefined;
  readonly pos: PosRange;
}

export type BinaryOp =
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '^'
  | 'atan2'
  | '=='
  | '!='
  | '<'
  | '>'
  | '<='
  | '>='
  | '</'
  | '>/'
  | 'and'
  | 'or'
  | 'unless';

export interface VectorMatching {
  readonly card: 'one-to-one' | 'many-to-one' | 'one-to-many' | 'many-to-many';
  readonly labels: readonly string[];
  readonly on: boolean;
  /** Labels of `group_left(…)` / `group_right(…)`. */
  readonly include: readonly string[];
  /** Values of the `fill` modifiers for a side that lacks its partner. */
  readonly fillLeft: number | undefined;
  readonly fillRight: number | undefined;
}

export interface UnaryExpr {
  readonly kind: 'unary';
  readonly op: '+' | '-';
  readonly expr: Expr;
  readonly pos: PosRange;
}

export interface Call {
  readonly kind: 'call';
  readonly func: string;
  readonly args: readonly Expr[];
  readonly pos: PosRange;
}

export interface ParenExpr {
  readonly kind: 'paren';
  readonly expr: Expr;
  readonly pos: PosRange;
}

/** Milliseconds, or an expression that needs the query's step and range to be known. */
export type DurationValue = number | DurationExpr;

/** Arithmetic over durations; every number is in seconds, as in Prometheus. */
export type DurationExpr = DurationTerm & {
  /** As Prometheus names it in complaints: without parentheses around it, of a call with two arguments only these. */
  readonly pos: PosRange;
};

type DurationTerm =
  | { readonly kind: 'literal'; readonly seconds: number; readonly duration: boolean }
  | { readonly kind: 'step' | 'range' }
  | { readonly kind: 'paren'; readonly expr: DurationExpr }
  | { readonly kind: 'unary'; readonly op: '+' | '-'; readonly expr: DurationExpr }
  | { readonly kind: 'min' | 'max'; readonly left: DurationExpr; readonly right: DurationExpr }
  | {
      readonly kind: 'binary';
      readonly op: '+' | '-' | '*' | '/' | '%' | '^';
      readonly left: DurationExpr;
      readonly right: DurationExpr;
    };
