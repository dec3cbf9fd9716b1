import { CrossgradeError } from '../base/error.ts';
import { addTo } from '../base/multimap.ts';
import { withoutLogin } from '../base/passwords.ts';

/** One line of `apt-get --print-uris`. */
export interface UriLine {
  /** Without a login: what is planned is shown and kept, and the download takes logins from the sources. */
  readonly uri: string;
  /** `libc6_2.36-9_amd64.deb`; a colon in the version is written `%3a`. */
  readonly fileName: string;
  readonly bytes: number;
}

/**
 * @param text stdout of `apt-get --print-uris -qq install …`
 * @throws {CrossgradeError} CG0120 for a line of another form
 * @see apt-get(8)
 */
export function readPrintUris(text: string): UriLine[] {
  const lines: UriLine[] = [];
  for (const line of text.split('\n')) {
    if (!line.startsWith("'")) {
      continue;
    }
    const end = line.indexOf("'", 1);
    const [fileName, bytes] = line.slice(end + 2).split(' ');
    if (end < 0 || fileName === undefined || !/^\d+$/.test(bytes ?? '')) {
      throw new CrossgradeError(
        `apt-get --print-uris wrote a line that crossgrade cannot read: ${withoutLogin(line)}`,
        {
          code: 'CG0120',
        },
      );
    }
    lines.push({ uri: withoutLogin(line.slice(1, end)), fileName, bytes: Number(bytes) });
  }
  return lines;
}

/** @returns name, version and architecture from an archive's file name, as apt writes it into its cache. */
export function readArchiveName(fileName: string): { name: string; version: string; architecture: string } {
  const [name, version, architecture] = fileName.replace(/\.deb$/, '').split('_');
  if (name === undefined || version === undefined || architecture === undefined) {
    throw new CrossgradeError(`${fileName} is not the name of a Debian package's archive.`, { code: 'CG0121' });
  }
  return { name, version: decodeURIComponent(version), architecture };
}

/** @returns the name under which apt keeps an archive in its cache. */
export function archiveName(archive: { name: string; version: string; architecture: string }): string {
  return `${archive.name}_${archive.version.replaceAll(':', '%3a')}_${archive.architecture}.deb`;
}

/** One index that has a package: `name | version | URI suite/component arch Packages`. */
interface MadisonLine {
  readonly name: string;
  readonly version: string;
  /** Of the index; those of a flat repository have no architecture. */
  readonly words: readonly string[];
}

/**
 * @param text stdout of `apt-cache madison NAME…`
 * @see apt-cache(8)
 */
export function madisonLines(text: string): MadisonLine[] {
  return text.split('\n').flatMap((line) => {
    const [name, version, index] = line.split('|').map((part) => part.trim());
    const words = index?.split(' ') ?? [];
    return name && version && words.at(-1) === 'Packages' ? [{ name, version, words }] : [];
  });
}

/**
 * @param text stdout of `apt-cache madison NAME…`
 * @param flat architecture of what is in the index of a flat repository (`deb file:/srv/packages ./`), which names none:
 *   apt shows of it what is of its own
 * @returns name, then architecture of the index, then versions
 * @see apt-cache(8); sources.list(5), “exact path”
 */
export function readMadison(text: string, flat = 'all'): Map<string, Map<string, string[]>> {
  const found = new Map<string, Map<string, string[]>>();
  for (const { name, version, words } of madisonLines(text)) {
    const named = words.at(-2);
    const architecture = named?.endsWith('/') ? flat : named;
    if (architecture === undefined) continue;
    const byArchitecture = found.get(name) ?? new Map<string, string[]>();
    byArchitecture.set(architecture, [...(byArchitecture.get(architecture) ?? []), version]);
    found.set(name, byArchitecture);
  }
  return found;
}

/**
 * @param text stdout of `apt-cache policy NAME…`
 * @returns name, as apt qualifies it, to the version that apt would install
 * @see apt-cache(8)
 */
export function readPolicy(text: string): Map<string, string> {
  const candidates = new Map<string, string>();
  let name = '';
  for (const line of text.split('\n')) {
    if (/^\S.*:$/.test(line)) {
      name = line.slice(0, -1);
    } else if (line.startsWith('  Candidate: ') && !line.endsWith('(none)')) {
      candidates.set(name, line.slice('  Candidate: '.length));
    }
  }
  return candidates;
}

/**
 * @param text stdout of `apt-cache showpkg NAME…`
 * @returns name to the names of the packages that provide it
 * @see apt-cache(8)
 */
export function readReverseProvides(text: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  let name = '';
  let section = '';
  for (const line of text.split('\n')) {
    const heading = /^(Package|Versions|Reverse Depends|Dependencies|Provides|Reverse Provides): ?(.*)$/.exec(line);
    if (heading) {
      section = heading[1] ?? '';
      name = section === 'Package' ? (heading[2] ?? '') : name;
    } else if (section === 'Reverse Provides' && line !== '') {
      addTo(found, name, line.split(/[ :]/)[0] ?? '');
    }
  }
  return found;
}

/**
 * @param text stdout of `apt-cache rdepends NAME…`
 * @returns name to the names of the packages that mention it
 */
export function readReverseDepends(text: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  let name = '';
  for (const line of text.split('\n')) {
    const mentioned = /^ [ |]?\s*([^\s:]+)/.exec(line)?.[1];
    if (mentioned !== undefined) {
      addTo(found, name, mentioned);
    } else if (/^\S+$/.test(line)) {
      name = line;
    }
  }
  return found;
}

/** What apt complained of. */
export interface AptComplaint {
  /** The repository, where apt names one. */
  readonly repository?: string;
  /** With the reason, where apt gives one on the next line. */
  readonly text: string;
  /** apt tells of one download, and why it failed. */
  readonly isReason?: true;
}

/**
 * Errors and failed downloads from apt-get's stderr and stdout: lines with `E:`, `W:` and `Err:`.
 * Complaints about the way of downloading (`unsandboxed`) and about legacy key rings do not matter here.
 */
export function readAptComplaints(text: string): AptComplaint[] {
  const complaints: AptComplaint[] = [];
  const lines = text.split('\n');
  for (const [index, line] of lines.entries()) {
    const match = /^(?:E: ?|W: ?|Err:\d* ?)(.*)$/.exec(line);
    const said = match?.[1];
    if (
      said === undefined ||
      /unsandboxed|apt-key\(8\)|legacy trusted\.gpg|is configured multiple times in|^Not using locking for/.test(said)
    ) {
      continue;
    }
    const repository = repositoryIn.exec(said)?.[0];
    const reason = line.startsWith('Err') ? /^ {2}(.+)/.exec(lines[index + 1] ?? '')?.[1] : undefined;
    complaints.push({
      ...(repository !== undefined && { repository }),
      ...(reason === undefined ? { text: said } : { text: `${said}: ${reason.trim()}`, isReason: true }),
    });
  }
  return complaints;
}

/** The name of a CD has blanks, in brackets. */
const repositoryIn = /(?:https?|ftp):\/\/[^\s']+|(?:file|copy):[^\s']+|cdrom:[^\s'[]*(?:\[[^\]]*\][^\s']*)?/;

/** @returns what apt says of files that it cannot read: it stops there, and knows nothing of the packages */
export function readFileComplaints(complaints: readonly string[]): string[] {
  return complaints.filter((text) =>
    /^(Unable to parse|Malformed|Syntax error|Invalid record|No priority|Unsupported file|Type '.*' is not known|The list of sources|The package lists or status file|Encountered a section with no Package|Problem with MergeList)/.test(
      text,
    ),
  );
}

/**
 * apt says of each file that it failed, and only far below why: most of the time all have one reason.
 *
 * @param text stdout and stderr of `apt-helper download-file`
 * @returns each reason once, and below it the first files that it kept away
 */
export function readFailedDownloads(text: string): string[] {
  const files = new Map<string, string[]>();
  for (const [, uri = '', reason = ''] of text.matchAll(/^E: Failed to fetch (\S+)\s+(.+)$/gm))
    addTo(files, reason, uri);
  return [...files]
    .slice(0, mostReasons)
    .flatMap(([reason, uris]) => [
      reason,
      ...uris.slice(0, mostFiles).map((uri) => `  ${uri}`),
      ...(uris.length > mostFiles ? [`  and ${uris.length - mostFiles} more`] : []),
    ]);
}

const mostReasons = 3;
const mostFiles = 2;
