export { annotationsOf, renderReport, suitesOf } from './report.ts';
export { failed, testRules } from './run.ts';
