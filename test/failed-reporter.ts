import { appendFileSync } from 'node:fs';
import type { Reporter, TestCase, TestModule } from 'vitest/node';

/** What the reporter reads of an error, whoever threw it. */
interface Failure {
  readonly message?: string;
}

/**
 * Appends what failed to the file that CROWSNEST_FAILED names, a line each: the test file (empty for an error outside of any
 * test), a tab, the test's full name and the first line of its error. Without the variable it does nothing.
 */
export class FailedReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly Failure[]): void {
    const path = process.env.CROWSNEST_FAILED;
    if (path === undefined) return;
    const lines = unhandledErrors.map((error) => line('', 'error outside of a test', [error]));
    for (const module of modules) {
      const file = module.relativeModuleId;
      if (module.errors().length > 0) lines.push(line(file, 'the file itself', module.errors()));
      for (const suite of module.children.allSuites()) {
        if (suite.errors().length > 0) lines.push(line(file, suite.fullName, suite.errors()));
      }
      for (const test of module.children.allTests('failed')) lines.push(line(file, test.fullName, errorsOf(test)));
    }
    if (lines.length > 0) appendFileSync(path, lines.map((text) => `${text}\n`).join(''));
  }
}

function errorsOf(test: TestCase): readonly Failure[] {
  return test.result().errors ?? [];
}

function line(file: string, name: string, errors: readonly Failure[]): string {
  const said = errors[0]?.message?.split('\n', 1)[0] ?? '';
  return `${file}\t${name}: ${said.slice(0, 300)}`;
}
