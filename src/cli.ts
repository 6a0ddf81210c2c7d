#!/usr/bin/env node
// The entry point: the only file that acts when loaded.
import { runCli } from './commands/program.ts';

process.exitCode = await runCli(process.argv);
