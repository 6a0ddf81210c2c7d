import { escapeHtml } from '../template/builtins.ts';
import type { Failure, FileReport } from './run.ts';
import { shortPlace } from './run.ts';

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

/** JUnit XML, one suite a file. */
export function renderJunit(reports: readonly FileReport[]): string {
  const suites = reports.map((report) => {
    const cases = report.cases.map(({ name, failures }) => {
      const inner = failures.map(({ message }) => `<failure>${escapeXml(message)}</failure>`).join('');
      return `<testcase name="${escapeXml(name)}">${inner}</testcase>`;
    });
    if (report.error !== undefined)
      cases.push(`<testcase name="unknown"><error>${escapeXml(report.error)}</error></testcase>`);
    const failed = report.cases.filter((one) => one.failures.length > 0).length;
    return `<testsuite name="${escapeXml(report.file)}" tests="${cases.length}" failures="${failed}" errors="${report.error === undefined ? 0 : 1}" skipped="0">${cases.join('')}</testsuite>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>${suites.join('')}</testsuites>\n`;
}

/** XML cannot hold control characters, not even by number. */
function escapeXml(text: string): string {
  // oxlint-disable-next-line no-control-regex -- these are the ones to take out
  return escapeHtml(text).replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '\ufffd');
}

/** Lines that GitHub Actions shows beside the file. */
export function renderGithub(reports: readonly FileReport[]): string {
  const escape = (text: string) => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  const lines = reports.flatMap((report) => {
    if (report.error !== undefined) return [`::error file=${report.file}::${escape(report.error)}`];
    return report.cases.flatMap(({ line, failures }) =>
      failures.map(({ message }) => `::error file=${report.file},line=${line}::${escape(message.trim())}`),
    );
  });
  return lines.map((line) => `${line}\n`).join('');
}
