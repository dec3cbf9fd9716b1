import * as z from 'zod';
import { originalsFile } from '../base/own-paths.ts';
import type { RootPath } from '../base/root.ts';
import { parseStanzas } from '../debian/deb822.ts';
import type { Inventory } from '../debian/inventory.ts';
import { type InstalledPackage, type InstanceKey, instanceKey } from '../debian/package.ts';
import { readInstalled } from '../debian/package-stanza.ts';
import { DpkgModel, isConfigured } from '../dpkg/dpkg-model.ts';
import { installable } from '../dpkg/layers.ts';
import type { Archive, Batch } from './plan.ts';

const key = z.custom<InstanceKey>((value) => typeof value === 'string' && /^[^:]+:[^:]+$/.test(value));

const originalsSchema = z.strictObject({
  version: z.literal(1),
  /** What a levelled package takes the place of, as an archive of its own. */
  packages: z.array(
    z.strictObject({
      key,
      version: z.string(),
      /** The version that it is brought to. */
      to: z.string(),
      fileName: z.string(),
      sha256: z.string(),
      bytes: z.number(),
      /** dpkg's stanza on it, as it stood in the status file: each byte a character. */
      status: z.string(),
      /** What an archive of dpkg's cannot hold, of its own files and of what it may make beside them. */
      aside: z.array(
        z.strictObject({
          path: z.custom<RootPath>((value) => typeof value === 'string' && value.startsWith('/')),
          /** Name of its copy; null where nothing was there. */
          copy: z.string().nullable(),
        }),
      ),
    }),
  ),
  /** What was not there, and a levelled package has brought. */
  brought: z.array(key),
  /** Those of them of which the configuration was there. */
  residual: z.array(key),
});

/** The packages that the wave `level` replaces, as they were: no repository need have them. */
export type Originals = z.infer<typeof originalsSchema>;
export type Original = Originals['packages'][number];

/** @param ownFiles crossgrade's own files: path to text */
export function readOriginals(ownFiles: Readonly<Record<string, string>>): Originals | undefined {
  const text = ownFiles[originalsFile];
  return text === undefined ? undefined : originalsSchema.parse(JSON.parse(text));
}

/** Where dpkg finds them. */
export function originalArchives({ packages }: Originals): Archive[] {
  return packages.map(({ status: _, to: __, aside: ___, ...archive }) => ({ ...archive, uri: '' }));
}

/** @returns the dpkg calls that bring back what was levelled, in an order that dpkg accepts; none where all is as it was */
export function originalBatches({ packages }: Originals, inventory: Inventory): Batch[] {
  const there = new Map(inventory.packages.map((one) => [instanceKey(one), one]));
  // What has another version than we gave it is somebody else's by now.
  const isOurs = ({ key: name, version, to }: Original): boolean => {
    const now = there.get(name);
    if (now === undefined || now.reinstallRequired || now.state === 'half-installed') return true;
    return now.version === to || (now.version === version && !isConfigured(now.state));
  };
  const model = new DpkgModel(
    inventory.packages.map((stanza) => ({ stanza, state: stanza.state })),
    inventory.nativeArchitecture,
  );
  let left = packages.filter(isOurs).map(stanzaOf);
  const layers: InstalledPackage[][] = [];
  while (left.length > 0) {
    const found = installable(model, left);
    // What the model knows no order for is left to dpkg, in one call.
    const layer = found.length > 0 ? found : left;
    for (const one of layer) model.unpack(one);
    model.configure(layer.map(instanceKey));
    layers.push(layer);
    const done = new Set(layer);
    left = left.filter((one) => !done.has(one));
  }
  return layers.map((layer, index) => ({
    id: `undo-level-${index + 1}`,
    wave: 'level',
    operation: 'install',
    instances: layer.map(instanceKey),
    force: [],
  }));
}

function stanzaOf({ status }: Original): InstalledPackage {
  const [stanza] = parseStanzas(`${status}\n`, originalsFile);
  if (stanza === undefined) throw new Error(`${originalsFile} has an empty stanza`);
  return readInstalled(stanza);
}

/** @returns those that are installed in their first version */
export function originalsThere(text: string, { packages }: Originals): Original[] {
  const found = new Set(text.split('\n\n').map(installedIn));
  return packages.filter((one) => found.has(identityOf(one)));
}

/**
 * Puts the stanzas of these packages back into dpkg's status file, where they are installed in that very version:
 * what dpkg has noted of their archives of ours is not what it had noted of the first ones.
 *
 * @param text of the status file
 * @returns the same text where nothing differs
 */
export function withOriginalStanzas(text: string, { packages }: Originals): string {
  const wanted = new Map(packages.map((one) => [identityOf(one), one.status]));
  return text
    .split('\n\n')
    .map((stanza) => {
      const original = wanted.get(installedIn(stanza) ?? '');
      // The last stanza ends with a line break of its own.
      const end = stanza.endsWith('\n') ? '\n' : '';
      return original === undefined ? stanza : `${original}${end}`;
    })
    .join('\n\n');
}

function identityOf({ key: name, version }: Original): string {
  return `${name}=${version}`;
}

/** Whose stanza it is; undefined where it is not installed. */
function installedIn(stanza: string): string | undefined {
  const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(stanza)?.[1] ?? '';
  if (!/ installed$/.test(field('Status'))) return undefined;
  return `${field('Package')}:${field('Architecture')}=${field('Version')}`;
}

/** @returns dpkg's stanza on each of some instances */
export function stanzasOf(text: string, keys: ReadonlySet<InstanceKey>): Map<InstanceKey, string> {
  const found = new Map<InstanceKey, string>();
  for (const stanza of text.split('\n\n').map((one) => one.replace(/^\n+|\n+$/g, ''))) {
    const name = /^Package: (.*)$/m.exec(stanza)?.[1];
    const architecture = /^Architecture: (.*)$/m.exec(stanza)?.[1];
    const one: InstanceKey = `${name}:${architecture}`;
    if (keys.has(one)) found.set(one, stanza);
  }
  return found;
}
