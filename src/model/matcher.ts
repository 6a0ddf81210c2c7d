/** A label matcher as PromQL, Alertmanager and the APIs write it. An absent label has the value ''. */
export interface Matcher {
  readonly name: string;
  readonly op: MatchOp;
  readonly value: string;
}

/** Regular expressions are RE2 and match the whole value. */
export type MatchOp = '=' | '!=' | '=~' | '!~';
