export { renderGithub, renderJunit, renderReport } from './report.ts';
export { failed, testRules } from './run.ts';
