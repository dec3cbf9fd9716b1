import { existsSync, readFileSync } from 'node:fs';
import { readArchiveName, readMadison, readPrintUris } from '../../../src/apt/apt-output.ts';
import { type ArchitecturePair, findPair } from '../../../src/debian/architecture.ts';
import { parseStanzas } from '../../../src/debian/deb822.ts';
import type { Inventory } from '../../../src/debian/inventory.ts';
import { readMarks } from '../../../src/debian/marks.ts';
import { type AvailablePackage, instanceKey } from '../../../src/debian/package.ts';
import { readAvailable, readStatus } from '../../../src/debian/package-stanza.ts';
import { parseDiversions } from '../../../src/dpkg/diversions.ts';
import { parseStatOverrides } from '../../../src/dpkg/stat-overrides.ts';
import type { TargetSet } from '../../../src/plan/plan.ts';
import { makeRequest, type Request } from '../../../src/plan/request.ts';

/** Every host that was recorded with what apt said of it; see fixtures/README.md. */
export const recordedHosts = [
  'bookworm-minimal',
  'bookworm-server',
  'bookworm-services',
  'bookworm-awkward',
  'trixie-minimal',
  'bullseye-minimal',
] as const;

export type HostName = (typeof recordedHosts)[number];

export interface RecordedHost {
  readonly pair: ArchitecturePair;
  readonly inventory: Inventory;
  readonly request: Request;
  readonly target: TargetSet;
  readonly texts: Readonly<Record<string, string>>;
}

export const i386ToAmd64: ArchitecturePair = pairOf('i386', 'amd64');

/** Reads what was recorded, as the solver reads it from apt. */
export function readHost(name: HostName): RecordedHost {
  const read = (file: string): string => {
    const url = new URL(`../../../fixtures/hosts/${name}/${file}`, import.meta.url);
    return existsSync(url) ? readFileSync(url, 'utf8') : '';
  };
  const packages = readStatus(read('status'), 'status');
  const inventory: Inventory = {
    nativeArchitecture: 'i386',
    foreignArchitectures: [],
    packages,
    automatic: readMarks(read('extended_states'), 'extended_states', 'i386'),
    diversions: parseDiversions(read('diversions'), 'diversions'),
    statOverrides: parseStatOverrides(read('statoverride'), 'statoverride'),
    sources: [],
  };
  const request = makeRequest(inventory, readMadison(read('madison')), i386ToAmd64, new Set());
  const offered = new Map(
    parseStanzas(read('target-packages'), 'target-packages')
      .map(readAvailable)
      .map((one) => [`${instanceKey(one)}=${one.version}`, one]),
  );
  const chosen = readPrintUris(read('print-uris')).map(({ fileName }) => readArchiveName(fileName));
  const targetPackages = chosen.map((one): AvailablePackage => {
    const found = offered.get(`${instanceKey(one)}=${one.version}`);
    if (!found) throw new Error(`${name}: apt chose ${instanceKey(one)}, but did not show it`);
    return found;
  });
  return {
    pair: i386ToAmd64,
    inventory,
    request,
    target: { packages: targetPackages, renamed: request.renamed, missing: request.missing },
    texts: Object.fromEntries(
      ['status', 'extended_states', 'os-release', 'madison', 'print-uris', 'target-packages'].map((file) => [
        file,
        read(file),
      ]),
    ),
  };
}

function pairOf(source: string, target: string): ArchitecturePair {
  const pair = findPair(source, target);
  if (!pair) throw new Error(`no way from ${source} to ${target}`);
  return pair;
}
