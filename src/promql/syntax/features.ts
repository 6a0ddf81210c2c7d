/**
 * Parts of the language that Prometheus 3.15 has behind `--enable-feature`, by the names it gives them there.
 * All are on unless switched off. (Arithmetic on durations needs no flag any more.)
 */
export interface Features {
  readonly 'promql-experimental-functions': boolean;
  readonly 'promql-extended-range-selectors': boolean;
  readonly 'promql-binop-fill-modifiers': boolean;
}

export const ALL_FEATURES: Features = {
  'promql-experimental-functions': true,
  'promql-extended-range-selectors': true,
  'promql-binop-fill-modifiers': true,
};
