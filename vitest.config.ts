import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { FailedReporter } from './test/failed-reporter.ts';
import { SkippedReporter } from './test/skipped-reporter.ts';

// unit: beside the code, quick. whole: crosses modules or needs a real server; files run one after another, as they share the two cores.
export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 120_000,
    pool: 'forks',
    reporters: ['default', new SkippedReporter(), new FailedReporter()],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'scripts/**/*.test.ts'],
          // By default Vitest leaves one core unused, which on two cores halves the workers.
          maxWorkers: availableParallelism(),
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'whole',
          include: ['test/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
