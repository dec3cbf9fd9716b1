import type { AptComplaint } from '../../../src/apt/apt-output.ts';
import { offerArchitecture, readSources } from '../../../src/apt/sources.ts';
import type { Found, Remedy } from '../../../src/base/finding.ts';
import { addTo } from '../../../src/base/multimap.ts';
import { shellWords } from '../../../src/base/shell-word.ts';
import { needsRoot } from '../../../src/base/unseen.ts';
import type { Check, CheckInput } from '../../../src/check/check.ts';
import type { SourceEntry } from '../../../src/debian/inventory.ts';

/** Source: sources.list(5), `[arch=…]`, `Architectures:` and `Enabled:`; apt-get(8), update. */
export const repositories: Check = {
  id: 'packages/repositories',
  title: 'The repositories, and what they have for the target',
  looksAt: { apt: 'repositories' },
  about: {
    'packages/repository-fails': {
      text: 'The package lists of every enabled repository are needed to know what the target system can have. A mirror that is being synchronised says “unexpected size” or “hash sum mismatch” for a while.',
      source: 'apt-get(8), update; apt-secure(8)',
    },
    'packages/repository-without-target': {
      text: 'This repository has packages of the old architecture, but none of the new one. What was installed from it cannot be crossgraded from there, and apt would complain of it after the crossgrade.',
      source: 'sources.list(5); apt-get(8), update',
    },
    'packages/no-repository': {
      text: 'The packages of the new system come from the repositories that apt is configured with. None of those that can be used has the base system for the target architecture.',
      source: 'sources.list(5)',
    },
    'packages/restricted-source': {
      text: 'A source that is restricted to the old architecture gives no packages for the new one. crossgrade adds the new architecture before it fetches the lists, and takes the old one out at the end; a rollback puts the file back.',
      source: 'sources.list(5), the options arch and Architectures',
    },
  },
  findings: (input) => [...failing(input), ...withoutTarget(input), ...noBase(input), ...restricted(input)],
};

/** In a paragraph. */
const mostReasons = 3;

function failing(input: CheckInput): Found[] {
  const { trouble } = input.repositories ?? {};
  if (!trouble?.failed) {
    return [];
  }
  const { failing: complaints } = trouble;
  const reasons = complaints.slice(0, mostReasons).map(({ text }) => text);
  const more = complaints.length - reasons.length;
  return [
    {
      id: 'packages/repository-fails',
      severity: 'blocker',
      title: 'apt cannot use a repository',
      detail:
        'Its package lists cannot be fetched, so what this report says of its packages may be wrong. ' +
        `apt says: ${reasons.join('; ')}${more > 0 ? `; and ${more} more` : ''}`,
      affected: repositoriesIn(complaints),
      remedies: cures(complaints, input),
    },
  ];
}

/** What helps, by what apt says. */
function cures(complaints: readonly AptComplaint[], { facts }: CheckInput): Remedy[] {
  const said = complaints.map(({ text }) => text).join('\n');
  const isOffline = /could not (connect|resolve)|temporary failure|connection (failed|timed out|refused)|proxy/i.test(
    said,
  );
  const proxies = Object.entries(facts.aptConfiguration)
    .filter(([, text]) => /^[^#/]*\bProxy\b/im.test(text))
    .map(([file]) => file);
  const lost = facts.inventory.sources.filter(({ uris }) =>
    uris.some((uri) => /^(cdrom|file|copy):/.test(uri) && complaints.some((one) => isFor(one, uri))),
  );
  const found: Remedy[] = [
    ...disabling(lost, facts),
    ...(isOffline && proxies.length > 0
      ? [{ hint: `apt goes through the proxy that is set in ${proxies.join(', ')}: does it answer?` }]
      : []),
    ...(isOffline && proxies.length === 0 ? [{ hint: 'Look at the network, the name server and the address.' }] : []),
    ...(/NO_PUBKEY|KEYEXPIRED|EXPKEYSIG|REVKEYSIG|BADSIG/.test(said)
      ? [{ hint: 'Get the key of this repository, or a newer one; sources name its file as Signed-By.' }]
      : []),
    ...(/Couldn't execute|Could not execute|error executing/i.test(said)
      ? [{ hint: 'apt cannot check signatures: its program for that does not run (package gpgv).' }]
      : []),
    ...(/\b404 |does not have a Release file/.test(said) && lost.length === 0
      ? [{ hint: 'Correct the address or the suite in apt’s sources, or disable that source.' }]
      : []),
  ];
  const again: Remedy = { command: 'apt-get update' };
  // It fails as long as the cause is there.
  return found.length > 0
    ? [...found, again]
    : [again, { hint: 'A mirror that is being synchronised heals by itself: wait, or use another one.' }];
}

/** apt writes `cdrom://[…]` for what a source calls `cdrom:[…]/`. */
function isFor({ repository = '' }: AptComplaint, uri: string): boolean {
  const plain = (text: string): string => text.replace(/^(\w+):\/*/, '$1:').replace(/\/+$/, '');
  return `${plain(repository)}/`.startsWith(`${plain(uri)}/`);
}

function withoutTarget(input: CheckInput): Found[] {
  const complaints = input.repositories?.trouble.withoutTarget ?? [];
  if (complaints.length === 0) {
    return [];
  }
  const affected = repositoriesIn(complaints);
  const entries = input.facts.inventory.sources.filter(({ uris }) =>
    uris.some((uri) => affected.some((repository) => repository.startsWith(uri.replace(/\/$/, '')))),
  );
  return [
    {
      id: 'packages/repository-without-target',
      severity: 'blocker',
      title: `A repository has no packages for ${input.pair.target.name}`,
      detail:
        `It has packages for ${input.pair.source.name} only. Disable it for the crossgrade; what was installed from it can ` +
        'then be removed, or kept as it is: that is asked as for every package without a counterpart.',
      affected,
      remedies: [
        ...disabling(entries, input.facts),
        { hint: `Or use another repository in its place, one that has ${input.pair.target.name} packages.` },
      ],
    },
  ];
}

/** For an editor that does not ask. No line comes in: where another command names one by its number, it is still that one. */
function disabling(entries: readonly SourceEntry[], { sourceFiles }: CheckInput['facts']): Remedy[] {
  const places = new Map<string, string[]>();
  for (const { file, line } of entries) {
    const rest = (sourceFiles[file] ?? '').split('\n').slice(line - 1);
    const after = rest.findIndex((text) => text.trim() === '');
    const last = file.endsWith('.sources') ? line + (after < 0 ? rest.length : after) - 1 : line;
    addTo(places, file, last > line ? `${line},${last}s/^/# /` : `${line}s/^/# /`);
  }
  return [...places].map(([file, all]) => ({ command: shellWords(['sed', '-i', [...new Set(all)].join(';'), file]) }));
}

function noBase({ pair, facts, repositories, survey }: CheckInput): Found[] {
  if (!repositories || repositories.trouble.failed || repositories.availability.get('dpkg')?.has(pair.target.name)) {
    return [];
  }
  const { sourceList, sourceParts } = facts.aptPlaces;
  const isSource = (path: string): boolean => path === sourceList || path.startsWith(sourceParts);
  return [
    {
      id: 'packages/no-repository',
      severity: 'blocker',
      title: `No repository offers the base system for ${pair.target.name}`,
      detail: `None of the enabled sources has dpkg for ${pair.target.name}.`,
      affected: [],
      remedies: [
        (survey?.notLookedAt ?? []).some(
          (one) => needsRoot(one) && (isSource(one.what) || one.what.includes('/lists/')),
        )
          ? { hint: 'Run crossgrade check as root: only root can read what is listed as not looked at.' }
          : { hint: `Enable ${mirrorOf(facts.release.id)} for this release in ${facts.aptPlaces.sourceList}.` },
      ],
    },
  ];
}

/** Of a derivative Debian's own would make another system. */
function mirrorOf(id: string): string {
  return id === 'debian' ? 'a Debian mirror' : `a repository of ${id} that has it`;
}

function restricted({ pair, facts }: CheckInput): Found[] {
  const architectures = { source: pair.source.name, target: pair.target.name };
  const changed = Object.entries(facts.sourceFiles).flatMap(([file, text]) => {
    const starts = readSources(text, file).map(({ line }) => line);
    const isEnabled = ({ number }: ChangedLine): boolean =>
      starts.some((start) => start <= number && !hasBlankLine(text, start, number));
    return changedLines(file, text, offerArchitecture(text, file, architectures)).filter(isEnabled);
  });
  if (changed.length === 0) {
    return [];
  }
  return [
    {
      id: 'packages/restricted-source',
      severity: 'note',
      title: `A source is restricted to ${pair.source.name}`,
      detail: `It offers nothing for ${pair.target.name}, until the line is changed. crossgrade does that, and puts it in order at the end.`,
      affected: [...new Set(changed.map(({ file }) => file))].sort(),
      remedies: changed.map(({ file, number, wanted }) => ({
        hint: wanted === undefined ? `${file}, line ${number}, goes` : `${file}, line ${number}, becomes: ${wanted}`,
      })),
    },
  ];
}

interface ChangedLine {
  readonly file: string;
  readonly number: number;
  /** undefined where the line goes. */
  readonly wanted: string | undefined;
}

/** No line comes in: one is changed, or goes where it was a field of its own. */
function changedLines(file: string, before: string, after: string): ChangedLine[] {
  const wanted = after.split('\n');
  const changed: ChangedLine[] = [];
  const fieldOf = (line = ''): string => /^\S+?:/.exec(line)?.[0] ?? '';
  for (const [index, line] of before.split('\n').entries()) {
    const next = wanted[0];
    const goes = file.endsWith('.sources') && fieldOf(next) !== fieldOf(line);
    if (!goes) wanted.shift();
    if (goes || next !== line) changed.push({ file, number: index + 1, wanted: goes ? undefined : next });
  }
  return changed;
}

/** Between two lines, counted from 1: they belong to one source then. */
function hasBlankLine(text: string, from: number, to: number): boolean {
  const lines = text.split('\n').slice(from - 1, to);
  return lines.some((line) => line.trim() === '');
}

function repositoriesIn(complaints: readonly AptComplaint[]): string[] {
  return [...new Set(complaints.flatMap(({ repository }) => repository ?? []))].sort();
}
