import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheDir, findJava } from './cache.ts';
import { type ServerRecipe, hasStamp, requireTool, run } from './recipe.ts';

const MAVEN_DEPENDENCY = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1';

/** Put together in a folder of its own, anew for each version, from what Maven brings. */
function javaServer(
  name: string,
  version: string,
  build: (java: string, folder: string) => Promise<void>,
): ServerRecipe {
  const folder = join(cacheDir, name);
  const stamp = join(folder, '.version');
  return {
    name,
    version,
    quick: false,
    present: () => hasStamp(stamp, version, folder),
    async fetch() {
      const java = await requireJava();
      await requireTool('mvn', ['-v'], 'Maven');
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder, { recursive: true });
      await build(java, folder);
      await writeFile(stamp, version);
    },
  };
}

/** The distribution's integration-test archive; a small plugin adds the two routes it lacks (see EsShim.java). */
export function elasticsearch(version: string): ServerRecipe {
  return javaServer('elasticsearch', version, async (java, folder) => {
    await writeFile(join(folder, 'pom.xml'), pom('elasticsearch', '', unpackPlugin(version, folder)));
    await run('mvn', ['-q', '-B', `${MAVEN_DEPENDENCY}:unpack`], { cwd: folder });
    await buildShim(java, join(folder, `elasticsearch-${version}`), version);
  });
}

async function buildShim(java: string, home: string, version: string): Promise<void> {
  const out = await mkdtemp(join(tmpdir(), 'crowsnest-shim-'));
  const plugin = join(home, 'plugins', 'es-shim');
  await run(join(java, 'bin', 'javac'), [
    '--release',
    '21',
    '-proc:none',
    '-nowarn',
    '-cp',
    `${home}/lib/*`,
    '-d',
    out,
    join(import.meta.dirname, 'elasticsearch-shim', 'EsShim.java'),
  ]);
  await mkdir(plugin, { recursive: true });
  await run(join(java, 'bin', 'jar'), ['cf', join(plugin, 'es-shim.jar'), '-C', out, '.']);
  const descriptor = {
    description: 'routes that the archive lacks',
    version: '1',
    name: 'es-shim',
    classname: 'EsShim',
    'java.version': '21',
    'elasticsearch.version': version,
  };
  await writeFile(
    join(plugin, 'plugin-descriptor.properties'),
    Object.entries(descriptor)
      .map(([key, value]) => `${key}=${value}\n`)
      .join(''),
  );
  await rm(out, { recursive: true, force: true });
}

/** The engine's own jars, started by a few lines of Java (see OpenSearchNode.java). */
export function opensearch(version: string): ServerRecipe {
  const artifacts = [
    ['org.opensearch', 'opensearch', version],
    ['org.opensearch.plugin', 'transport-netty4-client', version],
    ['org.opensearch.plugin', 'mapper-extras-client', version],
    ['org.opensearch.plugin', 'ingest-common', version],
    ['org.opensearch.plugin', 'reindex-client', version],
    ['org.opensearch.plugin', 'lang-painless', version],
    // Marked optional by the server's own description, though it logs through it.
    ['org.apache.logging.log4j', 'log4j-core', '2.25.4'],
  ];
  const dependencies = artifacts.map(
    ([group, artifact, v]) =>
      `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${v}</version></dependency>`,
  );
  return javaServer('opensearch', version, async (java, folder) => {
    await writeFile(
      join(folder, 'pom.xml'),
      pom('opensearch', `<dependencies>${dependencies.join('')}</dependencies>`, ''),
    );
    await run(
      'mvn',
      ['-q', '-B', `${MAVEN_DEPENDENCY}:copy-dependencies`, '-DoutputDirectory=lib', '-DincludeScope=runtime'],
      { cwd: folder },
    );
    await run(join(java, 'bin', 'javac'), [
      '-nowarn',
      '-cp',
      `${folder}/lib/*`,
      '-d',
      join(folder, 'classes'),
      join(import.meta.dirname, 'OpenSearchNode.java'),
    ]);
  });
}

function pom(name: string, dependencies: string, build: string): string {
  return `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>test</groupId><artifactId>${name}-node</artifactId><version>1</version><packaging>pom</packaging>${dependencies}${build}</project>\n`;
}

function unpackPlugin(version: string, folder: string): string {
  const item = `<artifactItem><groupId>org.elasticsearch.distribution.integ-test-zip</groupId><artifactId>elasticsearch</artifactId><version>${version}</version><type>zip</type><outputDirectory>${folder}</outputDirectory></artifactItem>`;
  return `<build><plugins><plugin><groupId>org.apache.maven.plugins</groupId><artifactId>maven-dependency-plugin</artifactId><version>3.6.1</version><configuration><artifactItems>${item}</artifactItems></configuration></plugin></plugins></build>`;
}

async function requireJava(): Promise<string> {
  const java = findJava();
  if (java === undefined) throw new Error('needs a JDK 21 or newer (JAVA_HOME)');
  return java;
}
