export { renderGithub, renderJunit, renderReport } from './report.ts';
export { type CaseReport, type Failure, type FileReport, type TestOptions, failed, testRules } from './run.ts';
