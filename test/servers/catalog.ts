import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDir } from './cache.ts';
import { chromium, debianProgram, nodeRuntime } from './debian.ts';
import { goProgram } from './go-program.ts';
import { helmProgram } from './helm.ts';
import { elasticsearch, opensearch } from './java-server.ts';
import { nodeVersion } from './node-version.ts';
import type { ServerRecipe } from './recipe.ts';

const PROMETHEUS = { version: '3.15.0', module: 'github.com/prometheus/prometheus', moduleVersion: 'v0.315.0' };
const ALERTMANAGER = { version: '0.34.2', module: 'github.com/prometheus/alertmanager' };

export const recipes: readonly ServerRecipe[] = [
  goProgram({ name: 'node_exporter', version: '1.12.1', module: 'github.com/prometheus/node_exporter', quick: true }),
  goProgram({ name: 'prometheus', ...PROMETHEUS, pkg: '/cmd/prometheus' }),
  goProgram({ name: 'promtool', ...PROMETHEUS, pkg: '/cmd/promtool' }),
  goProgram({ name: 'sloth', version: '0.16.0', module: 'github.com/slok/sloth', pkg: '/cmd/sloth' }),
  goProgram({
    name: 'alertmanager',
    ...ALERTMANAGER,
    pkg: '/cmd/alertmanager',
    embeds: { 'ui/app/dist/index.html': '<!doctype html><title>no page in this build</title>\n' },
  }),
  goProgram({ name: 'amtool', ...ALERTMANAGER, pkg: '/cmd/amtool' }),
  goProgram({ name: 'etcd', version: '3.6.8', module: 'go.etcd.io/etcd/server/v3' }),
  ...['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl', 'kubelet'].map(kubernetesProgram),
  goProgram({
    name: 'kwok',
    version: '0.8.0',
    module: 'sigs.k8s.io/kwok',
    pkg: '/cmd/kwok',
    versionVariable: 'sigs.k8s.io/kwok/pkg/consts.Version',
    addFiles: writeKwokStages,
  }),
  helmProgram('helm3', '3.17.2', 'v32@2.1.0'),
  helmProgram('helm4', '4.1.4', 'v35@2.2.2'),
  nodeRuntime(),
  elasticsearch('9.5.3'),
  opensearch('3.8.0'),
  debianProgram('victoria-metrics', 'victoria-metrics'),
  debianProgram('vmalert', 'victoria-metrics'),
  debianProgram('prometheus-blackbox-exporter', 'prometheus-blackbox-exporter'),
  chromium(),
];

/** What CI tests on: the oldest Node that is supported, and the newest of each line after it. */
export const nodeVersions: readonly ServerRecipe[] = [
  nodeVersion('20.19', '20.19.0'),
  nodeVersion('22', '22.23.5'),
  nodeVersion('24', '24.22.3'),
];

function kubernetesProgram(name: string): ServerRecipe {
  const version = '1.36.3';
  const variables = 'k8s.io/component-base/version';
  const [major, minor] = version.split('.');
  return goProgram({
    name,
    version,
    module: 'k8s.io/kubernetes',
    pkg: `/cmd/${name}`,
    versionVariable: `${variables}.gitVersion`,
    ldflags: `-X ${variables}.gitVersion=v${version} -X ${variables}.gitMajor=${major} -X ${variables}.gitMinor=${minor} -X ${variables}.gitTreeState=clean`,
  });
}

/** kwok does nothing without stages: the quick ones of its own module, in one file. */
async function writeKwokStages(moduleFolder: string): Promise<void> {
  const folders = [
    ['node/fast', 'node-'],
    ['node/heartbeat-with-lease', 'node-'],
    ['pod/fast', 'pod-'],
  ];
  const stages: string[] = [];
  for (const [name, prefix] of folders) {
    const folder = join(moduleFolder, 'kustomize', 'stage', name);
    const files = (await readdir(folder)).filter((file) => file.startsWith(prefix) && file.endsWith('.yaml'));
    for (const file of files.sort()) stages.push(await readFile(join(folder, file), 'utf8'));
  }
  await writeFile(join(cacheDir, 'bin', 'kwok-stages.yaml'), stages.map((stage) => `---\n${stage}`).join(''));
}
