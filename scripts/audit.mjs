// `npm audit` at level high for what ships. A registry that cannot be asked is said and is no failure: the audit is about the packages.
import { spawnSync } from 'node:child_process';

const answer = spawnSync('npm', ['audit', '--omit=dev', '--json'], { encoding: 'utf8', maxBuffer: 64 << 20 });
let report;
try {
  report = JSON.parse(answer.stdout);
} catch {
  report = { error: { summary: answer.stderr.trim().split('\n').at(-1) } };
}
if (report.metadata?.vulnerabilities === undefined) {
  console.log(`not audited: the registry answered ${report.statusCode ?? 'nothing that could be read'}`);
  process.exit(0);
}
const { high, critical, total } = report.metadata.vulnerabilities;
for (const [name, entry] of Object.entries(report.vulnerabilities ?? {})) {
  console.log(`${entry.severity}: ${name} ${entry.range}`);
}
console.log(`${total} known vulnerabilities, ${high} high, ${critical} critical`);
process.exit(high + critical === 0 ? 0 : 1);
