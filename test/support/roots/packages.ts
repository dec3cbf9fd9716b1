import { parseStanzas } from '../../../src/debian/deb822.ts';
import type { Inventory } from '../../../src/debian/inventory.ts';
import type { AvailablePackage, InstalledPackage } from '../../../src/debian/package.ts';
import { readAvailable, readInstalled } from '../../../src/debian/package-stanza.ts';

/** Fields as deb-control(5) has them; what is not given is as small as it can be. */
export type Fields = Readonly<Record<string, string>>;

/** `libc6:i386` or `libc6:i386=2.36`; the version is 1 when it is not given. */
export function installed(name: string, fields: Fields = {}): InstalledPackage {
  return readInstalled(stanza({ ...identity(name), Status: 'install ok installed', ...fields }));
}

export function available(name: string, fields: Fields = {}): AvailablePackage {
  const sha256 = '0'.repeat(64);
  return readAvailable(
    stanza({ ...identity(name), Filename: `pool/${name}.deb`, Size: '1000', SHA256: sha256, ...fields }),
  );
}

/** A root with dpkg and these packages. */
export function inventoryOf(packages: readonly InstalledPackage[], changes: Partial<Inventory> = {}): Inventory {
  const dpkg = packages.some((one) => one.name === 'dpkg') ? [] : [installed('dpkg:i386')];
  return {
    nativeArchitecture: 'i386',
    foreignArchitectures: [],
    packages: [...dpkg, ...packages],
    automatic: new Set(),
    diversions: [],
    statOverrides: [],
    sources: [],
    ...changes,
  };
}

function identity(text: string): Fields {
  const [, name = text, architecture = 'i386', version = '1'] = /^([^:=]+)(?::([^=]+))?(?:=(.+))?$/.exec(text) ?? [];
  return { Package: name, Architecture: architecture, Version: version };
}

function stanza(fields: Fields) {
  const text = Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('');
  const [only] = parseStanzas(text, 'test');
  if (!only) throw new Error('no stanza');
  return only;
}
