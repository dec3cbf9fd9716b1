import { parseStanzas } from '../../../src/debian/deb822.ts';
import { type InstanceKey, instanceKey, nameOf } from '../../../src/debian/package.ts';
import type { Plan } from '../../../src/plan/plan.ts';
import { pathsOf, tinyPackage } from '../roots/tiny-package.ts';
import { type Archive, fieldOf, installedStanzas, type StanzaText, withoutIndexFields } from './made-up-host.ts';
import { ownFile, performOnDpkg } from './perform-on-dpkg.ts';
import { RealDpkg } from './real-dpkg.ts';

/**
 * Has the real dpkg go through a plan: on a database that says that the host's packages are installed, with archives
 * that have the fields of the real ones, one file and no scripts. The i386 dpkg works until the plan replaces it.
 *
 * @param directory a made-up host
 * @returns what dpkg refuses, and what is otherwise in the end than the plan foretells
 */
export async function playPlan(archive: Archive, directory: string, plan: Plan): Promise<string[]> {
  const dpkg = await RealDpkg.make();
  try {
    layOut(dpkg, installedStanzas(directory));
    const versions = new Map(plan.archives.map(({ key, version }) => [key, version]));
    const offered = archive.packages('amd64');
    return await performOnDpkg(dpkg, plan, (key) => {
      const version = versions.get(key);
      const text = offered.get(nameOf(key))?.find((one) => fieldOf(one, 'Version') === version);
      if (text === undefined) throw new Error(`the plan wants ${key} ${version}, which is not in the index`);
      return dpkg.addArchive(`${key.replace(':', '_')}.deb`, archiveOf(text));
    });
  } finally {
    dpkg.dispose();
  }
}

/** The i386 packages are there, each with a file of its own. */
function layOut(dpkg: RealDpkg, installed: readonly StanzaText[]): void {
  const files = installed.map((text) => ({ text, files: filesOf(text) }));
  dpkg.reset(
    'i386',
    installed,
    Object.fromEntries(files.map(({ text, files: own }) => [listNameOf(text), pathsOf(own)])),
  );
  for (const { files: own } of files) {
    for (const [path, content] of Object.entries(own)) dpkg.write(path, content);
  }
}

function archiveOf(text: StanzaText): Buffer {
  const [stanza] = parseStanzas(withoutIndexFields(text), 'index');
  return tinyPackage({ fields: Object.fromEntries(stanza?.entries() ?? []), files: filesOf(text) });
}

function filesOf(text: StanzaText): Record<string, string> {
  return { [ownFile(keyOf(text))]: '' };
}

function listNameOf(text: StanzaText): string {
  const key = keyOf(text);
  return fieldOf(text, 'Multi-Arch') === 'same' ? key : nameOf(key);
}

function keyOf(text: StanzaText): InstanceKey {
  return instanceKey({ name: fieldOf(text, 'Package') ?? '', architecture: fieldOf(text, 'Architecture') ?? '' });
}
