import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inRoot } from '../runs/conversion.ts';

/** base-files with another name in it, and a package of its own for each architecture, with the root's own programs. */
const script = `
set -e
mkdir -p /srv/repository
cd /tmp
rm -rf acme
mkdir acme
cd acme
version=$(dpkg-query -W -f '\${Version}' base-files)
apt-get -qq download "base-files=$version"
dpkg-deb -R ./*.deb tree
sed -i "s/^Version: .*/&+acme1/" tree/DEBIAN/control
printf 'PRETTY_NAME="Acme 1"\nNAME=Acme\nID=acme\nID_LIKE=debian\nVERSION_ID=1\n' >tree/usr/lib/os-release
for architecture; do
  sed -i "s/^Architecture: .*/Architecture: $architecture/" tree/DEBIAN/control
  dpkg-deb -Znone --build tree "/srv/repository/base-files_$architecture.deb"
done
cd /srv/repository
: >Packages
for archive in *.deb; do
  dpkg-deb --field "$archive" >>Packages
  echo "Filename: ./$archive" >>Packages
  stat -c 'Size: %s' "$archive" >>Packages
  echo "SHA256: $(sha256sum <"$archive" | cut -d' ' -f1)" >>Packages
  echo >>Packages
done
rm -rf /tmp/acme`;

/**
 * Makes a system of the distribution Acme: its base-files is installed, from a repository in a folder of the root.
 *
 * @param architectures for which that repository has base-files, the root's own one first
 */
export async function becomeAcme(directory: string, architectures: readonly string[]): Promise<void> {
  const [made] = await inRoot(directory, ['sh', '-c', script, 'sh', ...architectures]);
  if (made?.exitCode !== 0) throw new Error(`${made?.stdout}${made?.stderr}`);
  const packages = readFileSync(join(directory, 'srv/repository/Packages'));
  const [sum] = await inRoot(directory, ['sh', '-c', 'sha256sum /srv/repository/Packages | cut -d" " -f1']);
  const release = [
    'Origin: Acme',
    'Suite: acme',
    `Date: ${new Date().toUTCString()}`,
    `SHA256:\n ${sum?.stdout.trim()} ${packages.length} Packages`,
    '',
  ];
  writeFileSync(join(directory, 'srv/repository/Release'), release.join('\n'));
  writeFileSync(join(directory, 'etc/apt/sources.list.d/acme.list'), 'deb [trusted=yes] file:/srv/repository ./\n');
  const own = `/srv/repository/base-files_${architectures[0]}.deb`;
  const [updated, installed] = await inRoot(directory, ['apt-get', '-qq', 'update'], ['dpkg', '--install', own]);
  if (updated?.exitCode !== 0 || installed?.exitCode !== 0) throw new Error(`${updated?.stderr}${installed?.stderr}`);
}

/** What a derivative without packages of its own does: a file in the place of the link to Debian's. */
export async function becomeMint(directory: string): Promise<string> {
  const text = 'PRETTY_NAME="LMDE 6 (faye)"\nNAME="LMDE"\nID=linuxmint\nID_LIKE=debian\nVERSION_ID="6"\n';
  await inRoot(directory, ['rm', '/etc/os-release']);
  writeFileSync(join(directory, 'etc/os-release'), text);
  return text;
}
