import type { Reporter, TestModule } from 'vitest/node';

/**
 * Prints at the end of a run which tests this machine skipped and why: those whose name, or whose suite's name, ends in
 * `[skipped: why]`. The default reporter only counts them.
 */
export class SkippedReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const lines = new Set<string>();
    for (const module of modules) {
      for (const { fullName } of module.children.allTests('skipped')) {
        const named = /^(.*\[skipped: .*\])/.exec(fullName);
        if (named !== null) lines.add(`${module.relativeModuleId} > ${named[1]}`);
      }
    }
    for (const line of [...lines].sort()) console.log(` ↓ ${line}`);
  }
}
