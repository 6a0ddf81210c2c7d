#!/usr/bin/env node
// The porch: the only file that acts when loaded. It opens one door and lets its exit code out.
import { runCli } from './commands/program.ts';

process.exitCode = await runCli(process.argv);
