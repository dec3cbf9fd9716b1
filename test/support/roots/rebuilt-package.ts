import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/**
 * An installed package once more, under another version, as an administrator rebuilds one: same files, same scripts.
 *
 * @param key `libattr1:i386`
 * @returns the archive, as the root sees it: below /var/tmp
 */
export function rebuild(directory: string, key: string, version: string): string {
  const [name = '', architecture = ''] = key.split(':');
  const work = mkdtempSync(join(tmpdir(), 'crossgrade-rebuild-'));
  try {
    const info = join(directory, 'var/lib/dpkg/info');
    const prefix = existsSync(join(info, `${key}.list`)) ? key : name;
    mkdirSync(join(work, 'DEBIAN'));
    for (const path of readFileSync(join(info, `${prefix}.list`), 'utf8').split('\n')) {
      const from = join(directory, path);
      const stats = path === '' ? undefined : lstatSync(from, { throwIfNoEntry: false });
      // /sbin is a folder to the package, and a link in the root.
      if (!stats || stats.isDirectory() || path.lastIndexOf('/') === 0) continue;
      mkdirSync(dirname(join(work, path)), { recursive: true });
      cpSync(from, join(work, path), { verbatimSymlinks: true });
    }
    for (const file of readdirSync(info).filter((one) => one.startsWith(`${prefix}.`) && !one.endsWith('.list'))) {
      cpSync(join(info, file), join(work, 'DEBIAN', file.slice(prefix.length + 1)));
    }
    writeFileSync(join(work, 'DEBIAN/control'), controlOf(directory, name, architecture, version));
    const archive = `/var/tmp/${name}_${architecture}.deb`;
    execFileSync('dpkg-deb', ['--root-owner-group', '-Znone', '--build', work, join(directory, archive)], {
      stdio: 'ignore',
    });
    return archive;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function controlOf(directory: string, name: string, architecture: string, version: string): string {
  const status = readFileSync(join(directory, 'var/lib/dpkg/status'), 'utf8').split('\n\n');
  const stanza = status.find(
    (one) => one.includes(`Package: ${name}\n`) && new RegExp(`^Architecture: ${architecture}$`, 'm').test(one),
  );
  if (stanza === undefined) throw new Error(`${name}:${architecture} is not installed`);
  const lines = stanza
    .split('\n')
    .filter((line) => !line.startsWith('Status: ') && !line.startsWith('Config-Version: '));
  return `${lines.map((line) => (line.startsWith('Version: ') ? `Version: ${version}` : line)).join('\n')}\n`;
}

/** As somebody does it who has gone into the root by himself. @returns what it said, and its exit code */
export function inRoot(
  directory: string,
  ...argv: readonly string[]
): { readonly code: number; readonly text: string } {
  try {
    const text = execFileSync('sh', ['-c', '"$@" 2>&1', 'sh', ...enter, directory, ...argv], { encoding: 'utf8' });
    return { code: 0, text };
  } catch (error) {
    const { status, stdout } = error as { status: number; stdout: string };
    return { code: status, text: stdout };
  }
}

/** A mount namespace of its own, so that nothing of it is left; apt asks /proc for names. */
const enter = [
  ...['unshare', '--mount', '--propagation', 'private', 'sh', '-c'],
  'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"',
];

/** A package without files, installed by dpkg as somebody does it. @param more fields */
export function installEmpty(
  directory: string,
  name: string,
  architecture: string,
  version: string,
  more = '',
): ReturnType<typeof inRoot> {
  const place = `/var/tmp/${name}`;
  mkdirSync(join(directory, place, 'DEBIAN'), { recursive: true, mode: 0o755 });
  const control = `Package: ${name}\nArchitecture: ${architecture}\nVersion: ${version}\n${more}`;
  const maintainer = 'Maintainer: somebody <somebody@mirror.example>\nDescription: empty\n';
  writeFileSync(join(directory, place, 'DEBIAN/control'), `${control}${maintainer}`);
  const built = inRoot(directory, 'dpkg-deb', '--build', place, `${place}.deb`);
  return built.code === 0 ? inRoot(directory, 'dpkg', '--install', `${place}.deb`) : built;
}

/** What dpkg says of an instance. */
export function dpkg(directory: string, key: string): { readonly version: string; readonly state: string } {
  const { text } = inRoot(directory, 'dpkg-query', '--show', '--showformat=${Version}\t${Status}', key);
  const [version = '', state = ''] = text.split('\t');
  return { version, state };
}
