import { escapeHtml } from './template/builtins.ts';

/** A fault that GitHub Actions shows beside the line of its file. */
export interface Annotation {
  readonly level: 'error' | 'warning';
  readonly file: string;
  /** From 1; 0 where the place is not known. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** What became of one file. */
export interface Suite {
  readonly file: string;
  readonly cases: readonly { readonly name: string; readonly failures: readonly string[] }[];
  /** Why nothing of the file could be run. */
  readonly error: string | undefined;
}

/** Workflow commands (source: GitHub's docs, "Workflow commands for GitHub Actions"). */
export function renderGithub(annotations: readonly Annotation[]): string {
  const lines = annotations.map(({ level, file, line, column, message }) => {
    const place = [`file=${property(file)}`, line > 0 ? `line=${line}` : '', column > 0 ? `col=${column}` : ''];
    return `::${level} ${place.filter((part) => part !== '').join(',')}::${data(message.trim())}\n`;
  });
  return lines.join('');
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** JUnit XML, one suite a file, in the form that Jenkins, GitLab and GitHub's reporters agree on. */
export function renderJunit(suites: readonly Suite[]): string {
  const count = (kind: 'tests' | 'failures' | 'errors', of: readonly Suite[]) =>
    `${kind}="${of.reduce((sum, suite) => sum + counts(suite)[kind], 0)}"`;
  const totals = (of: readonly Suite[]) => `${count('tests', of)} ${count('failures', of)} ${count('errors', of)}`;
  const parts = suites.map((suite) => {
    const cases = suite.cases.map(({ name, failures }) => caseXml(suite.file, name, 'failure', failures));
    if (suite.error !== undefined) cases.push(caseXml(suite.file, 'unknown', 'error', [suite.error]));
    return `  <testsuite name="${escapeXml(suite.file)}" ${totals([suite])} skipped="0">\n${cases.join('')}  </testsuite>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${totals(suites)}>\n${parts.join('')}</testsuites>\n`;
}

function counts({ cases, error }: Suite) {
  const errors = error === undefined ? 0 : 1;
  return { tests: cases.length + errors, failures: cases.filter((one) => one.failures.length > 0).length, errors };
}

/** Several failures of a case stand in one element: not every reader takes more. */
function caseXml(file: string, name: string, kind: 'failure' | 'error', faults: readonly string[]): string {
  const head = `    <testcase classname="${escapeXml(file)}" name="${escapeXml(name)}"`;
  if (faults.length === 0) return `${head}/>\n`;
  const summary = faults[0].trim().split('\n')[0];
  return `${head}><${kind} message="${escapeXml(summary)}">${escapeXml(faults.join('\n\n'))}</${kind}></testcase>\n`;
}

/** XML cannot hold control characters, not even by number. */
function escapeXml(text: string): string {
  // oxlint-disable-next-line no-control-regex -- these are the ones to take out
  return escapeHtml(text).replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd');
}
