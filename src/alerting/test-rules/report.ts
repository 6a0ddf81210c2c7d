import { basename } from 'node:path';
import type { Annotation, Suite } from '../report.ts';
import type { Failure, FileReport } from './types.ts';

/** As promtool prints it: a verdict by file, what failed below it; then the rules that no test saw do anything. */
export function renderReport(
  reports: readonly FileReport[],
  options: { readonly diff?: boolean; readonly coverage?: boolean } = {},
): string {
  const parts = reports.map((report) => {
    const warnings = report.warnings.map((warning) => `  WARNING: ${warning}\n`).join('');
    // A rule file that cannot be used fails each test in the same words.
    const failures = new Set(
      failuresOf(report).map((failure) => `${(options.diff ? failure.diff : undefined) ?? failure.message}\n\n`),
    );
    const verdict = failures.size === 0 ? '  SUCCESS\n' : `  FAILED:\n${[...failures].join('')}`;
    return `${report.file}\n${warnings}${verdict}${options.coverage ? renderCoverage(report) : ''}\n`;
  });
  return parts.join('');
}

function failuresOf(report: FileReport): Failure[] {
  if (report.error !== undefined) return [{ message: report.error }];
  return report.cases.flatMap((one) => one.failures);
}

function renderCoverage({ coverage }: FileReport): string {
  if (coverage.length === 0) return '';
  const missed = coverage.filter((rule) => !rule.covered);
  const lines = missed.map(
    ({ kind, rule, file, line }) =>
      `    ${kind === 'alerting' ? 'never fired' : 'never gave a value'}: ${rule} (${shortPlace(file, line)})`,
  );
  return [`  rules covered: ${coverage.length - missed.length} of ${coverage.length}`, ...lines]
    .map((line) => `${line}\n`)
    .join('');
}

export function annotationsOf(reports: readonly FileReport[]): Annotation[] {
  return reports.flatMap(({ file, error, cases }) => {
    if (error !== undefined) return [{ level: 'error', file, line: 0, column: 0, message: error }];
    return cases.flatMap(({ line, failures }) =>
      failures.map(({ message }): Annotation => ({ level: 'error', file, line, column: 0, message })),
    );
  });
}

export function suitesOf(reports: readonly FileReport[]): Suite[] {
  return reports.map(({ file, error, cases }) => ({
    file,
    error,
    cases: cases.map(({ name, failures }) => ({ name, failures: failures.map(({ message }) => message) })),
  }));
}

/** What a report calls a rule: `rules.yml:12 InstanceDown`. */
function shortPlace(file: string, line: number): string {
  return `${basename(file)}:${line}`;
}
