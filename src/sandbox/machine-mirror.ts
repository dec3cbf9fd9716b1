import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readSources } from '../apt/sources.ts';
import { CrossgradeError } from '../base/error.ts';
import { follow } from './follow.ts';

/**
 * The Debian mirror that this machine's own apt uses.
 *
 * @throws {CrossgradeError} CG0101 for what apt refuses to read; CG0403 when there is none
 * @see sources.list(5)
 */
export async function machineMirror(suite: string, configuration = '/etc/apt'): Promise<string> {
  const files = await sourceFiles(configuration);
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  const entries = files.flatMap((file, index) => readSources(texts[index] ?? '', file));
  const ofMain = entries.filter(({ types, components }) => types.includes('deb') && components.includes('main'));
  const ofDebian = ofMain.filter(({ suites }) => suites.some((name) => name === suite || debianSuites.has(name)));
  // Other projects' repositories also have suites called bookworm or stable; but only Debian's has bookworm-updates.
  const withUpdates = new Set(
    ofMain.filter(({ suites }) => suites.some((name) => name.endsWith('-updates'))).flatMap(({ uris }) => uris),
  );
  const likelihood = (uri: string) => (withUpdates.has(uri) ? 2 : 0) + (/\/debian\/?$/.test(uri) ? 1 : 0);
  const uris = ofDebian.flatMap((entry) => entry.uris).sort((a, b) => likelihood(b) - likelihood(a));
  for (const uri of uris) {
    const plain = await plainUri(uri);
    if (plain !== undefined) return plain;
  }
  throw new CrossgradeError("This machine's apt configuration names no Debian mirror", {
    code: 'CG0403',
    details: [`Looked for a source of ${suite} or another Debian suite, component main, below ${configuration}`],
    hint: 'Name a mirror: --mirror URL',
  });
}

/** A security archive (`bookworm-security`) has no installable system and is none of these. */
const debianSuites: ReadonlySet<string> = new Set(
  'buster bullseye bookworm trixie forky duke sid oldoldstable oldstable stable testing unstable'.split(' '),
);

async function sourceFiles(configuration: string): Promise<string[]> {
  const files = [join(configuration, 'sources.list')];
  const folder = join(configuration, 'sources.list.d');
  const names = await readdir(folder).catch(() => []);
  files.push(...names.filter((name) => /\.(list|sources)$/.test(name)).map((name) => join(folder, name)));
  const there = await Promise.all(
    files.map((file) =>
      access(file).then(
        () => file,
        () => undefined,
      ),
    ),
  );
  return there.filter((file) => file !== undefined).sort();
}

/** Debian's cloud images have `mirror+file:/etc/apt/mirrors/debian.list`; debootstrap wants a plain one. A folder is not seen inside. */
async function plainUri(uri: string): Promise<string | undefined> {
  if (/^https?:/.test(uri)) return uri;
  const list = /^mirror\+file:(?:\/\/)?(\/.*)$/.exec(uri)?.[1];
  if (list === undefined) return undefined;
  const text = await readFile(list, 'utf8').catch(() => '');
  return /^\s*(https?:\/\/\S+)/m.exec(text)?.[1];
}

/** The proxy that this machine's apt is told to use: debootstrap does not read apt's configuration. */
export async function machineProxy(): Promise<string | undefined> {
  const dump = await follow(['apt-config', 'dump', '--no-empty', '--format', '%v%n', 'Acquire::http::Proxy'], {
    onLine: () => {},
  }).catch(() => undefined);
  const proxy = dump?.exitCode === 0 ? dump.lastLines[0] : undefined;
  return proxy === undefined || proxy === 'DIRECT' ? undefined : proxy;
}
