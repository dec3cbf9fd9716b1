import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inRoot } from '../runs/conversion.ts';

/** Fetches the installed version, gives it another one, and installs it, with the root's own programs. */
const script = `
set -e
cd /tmp
for name; do
  rm -rf rebuilt
  mkdir rebuilt
  cd rebuilt
  version=$(dpkg-query -W -f '\${Version}' "$name:i386")
  apt-get -qq download "$name:i386=$version"
  dpkg-deb -R ./*.deb tree
  sed -i "s/^Version: .*/&$SUFFIX/" tree/DEBIAN/control
  dpkg-deb -Znone --build tree new.deb
  dpkg --install new.deb
  cd ..
  rm -rf rebuilt
done`;

/**
 * Somebody has built libraries again, under versions of their own that no repository has.
 *
 * @param suffix behind the version: `+local1` is higher, `~local1` lower
 */
export async function rebuildInstalled(directory: string, names: readonly string[], suffix = '+local1'): Promise<void> {
  const [result] = await inRoot(directory, ['env', `SUFFIX=${suffix}`, 'sh', '-c', script, 'sh', ...names]);
  if (result?.exitCode !== 0) throw new Error(`${names.join(' ')}: ${result?.stdout}${result?.stderr}`);
}

/** dpkg's stanza of a package. */
export function stanzaIn(directory: string, name: string): string | undefined {
  const status = readFileSync(join(directory, 'var/lib/dpkg/status'), 'utf8');
  return status.split('\n\n').find((stanza) => stanza.startsWith(`Package: ${name}\n`));
}
