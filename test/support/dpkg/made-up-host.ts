import { execFile } from 'node:child_process';
import { linkSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readArchiveName, readPrintUris } from '../../../src/apt/apt-output.ts';
import { hostFile } from '../../../src/machine/is-recorded-host.ts';
import type { RecordedHost } from '../../../src/machine/recorded-host.ts';
import { machineMirror } from '../../../src/sandbox/machine-mirror.ts';
import { cached } from '../roots/roots.ts';
import { randomNumbers } from './universe.ts';

const run = promisify(execFile);
const architectures = ['i386', 'amd64'] as const;
type Architecture = (typeof architectures)[number];

/** Raise it when the lists are fetched in another way. */
const formatVersion = 1;

/** One package of an index, as text. */
export type StanzaText = string;

/** A suite's main for both architectures, and apt to be asked about either of them on a system without packages. */
export class Archive {
  readonly suite: string;
  readonly #place: string;
  readonly #stanzas = new Map<Architecture, ReadonlyMap<string, readonly StanzaText[]>>();

  /** @param place folder of the cache */
  constructor(suite: string, place: string) {
    this.suite = suite;
    this.#place = place;
  }

  /** Files that apt reads, under the names that they have on a host with `mirror.example`. */
  get lists(): string {
    return join(this.#place, 'lists');
  }

  /** The day that the archive itself says: of a suite that changes, each day's hosts are others. */
  get date(): string {
    const file = readdirSync(this.lists).find((name) => name.endsWith('Release')) ?? '';
    return /^Date: (.+)$/m.exec(readFileSync(join(this.lists, file), 'utf8'))?.[1] ?? '';
  }

  /** Everything of an architecture's index, arch:all included, by name. */
  packages(architecture: Architecture): ReadonlyMap<string, readonly StanzaText[]> {
    const known = this.#stanzas.get(architecture);
    if (known) return known;
    const file = readdirSync(this.lists).find((name) => name.endsWith(`_binary-${architecture}_Packages`)) ?? '';
    const byName = new Map<string, StanzaText[]>();
    for (const text of readFileSync(join(this.lists, file), 'utf8').split(/\n\n+/)) {
      const name = fieldOf(text, 'Package');
      if (name === undefined) continue;
      const others = byName.get(name);
      if (others) others.push(text);
      else byName.set(name, [text]);
    }
    this.#stanzas.set(architecture, byName);
    return byName;
  }

  /** @param names as apt takes them: `name`, `name=version` */
  async ask(architecture: Architecture, names: readonly string[]): Promise<AptAnswer> {
    // The last word, after this machine's own configuration.
    const settings = `--config-file=${join(this.#place, `${architecture}.conf`)}`;
    const words = [settings, '-q', '--print-uris', '--no-install-recommends', 'install', ...names];
    const env = { ...process.env, LC_ALL: 'C' };
    const { stdout, stderr, code } = await run('apt-get', words, { env, maxBuffer: 2 ** 28 }).then(
      (result) => ({ ...result, code: 0 }),
      (error: { stdout: string; stderr: string; code: number }) => error,
    );
    if (code !== 0) return { said: `${stdout}\n${stderr}` };
    return { chosen: readPrintUris(stdout).map(({ fileName }) => readArchiveName(fileName)) };
  }
}

export type AptAnswer =
  | { readonly chosen: readonly { readonly name: string; readonly version: string; readonly architecture: string }[] }
  /** There is no such system, and this is why. */
  | { readonly said: string };

/** The lists of a suite, fetched by apt from this machine's own mirror, once. */
export async function archiveOf(suite: string): Promise<Archive> {
  const place = await cached(`archive-${suite}-v${formatVersion}`, async (folder) => {
    await fetchLists(suite, folder);
    return { suite };
  });
  // The folder had another name while it was made.
  for (const architecture of architectures) {
    const folder = join(place, architecture);
    await mkdir(join(folder, 'archives/partial'), { recursive: true });
    await mkdir(join(folder, 'etc/sources.list.d'), { recursive: true });
    await writeFile(join(folder, 'etc/sources.list'), sourceLine(suite));
    await writeFile(join(folder, 'status'), '');
    await writeFile(join(place, `${architecture}.conf`), solverSettings(place, folder, architecture));
  }
  return new Archive(suite, place);
}

async function fetchLists(suite: string, folder: string): Promise<void> {
  const mirror = (await machineMirror(suite)).replace(/\/+$/, '');
  const lists = join(folder, 'lists');
  const state = join(folder, 'state');
  await mkdir(join(lists, 'partial'), { recursive: true });
  await mkdir(join(state, 'etc/sources.list.d'), { recursive: true });
  await writeFile(join(state, 'status'), '');
  await writeFile(join(state, 'etc/sources.list'), `deb ${mirror} ${suite} main\n`);
  const settings = join(state, 'apt.conf');
  await writeFile(
    settings,
    `${solverSettings(folder, state, 'amd64')}
APT::Architectures { "amd64"; "i386"; };
Acquire::GzipIndexes "false";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::IndexTargets::deb::CNF::DefaultEnabled "false";
`,
  );
  const words = [
    `--config-file=${settings}`,
    '-q',
    '-o',
    'APT::Update::Error-Mode=any',
    '-o',
    'Acquire::Retries=3',
    'update',
  ];
  await run('apt-get', words, { maxBuffer: 2 ** 26 });
  await rm(state, { recursive: true });
  for (const name of await readdir(lists)) {
    const dists = name.indexOf('_dists_');
    const from = join(lists, name);
    if (dists >= 0) await rename(from, join(lists, `mirror.example_debian${name.slice(dists)}`));
    else await rm(from, { recursive: true });
  }
}

function solverSettings(place: string, folder: string, architecture: string): string {
  return `#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Install-Pkgs;
APT::Architecture "${architecture}";
APT::Architectures { "${architecture}"; };
APT::Get::HideAutoRemove "true";
Debug::NoLocking "true";
Dir::State "${folder}";
Dir::State::lists "${place}/lists";
Dir::State::status "${folder}/status";
Dir::State::extended_states "/dev/null";
Dir::Cache "${folder}";
Dir::Cache::archives "${folder}/archives";
Dir::Cache::pkgcache "pkgcache.bin";
Dir::Cache::srcpkgcache "";
Dir::Etc::sourcelist "${folder}/etc/sources.list";
Dir::Etc::sourceparts "${folder}/etc/sources.list.d";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/nonexistent";
`;
}

export function fieldOf(stanza: StanzaText, field: string): string | undefined {
  const start = stanza.startsWith(`${field}: `) ? 0 : stanza.indexOf(`\n${field}: `) + 1;
  if (start === 0 && !stanza.startsWith(`${field}: `)) return undefined;
  const end = stanza.indexOf('\n', start);
  return stanza.slice(start + field.length + 2, end < 0 ? undefined : end);
}

function sourceLine(suite: string): string {
  return `deb http://mirror.example/debian ${suite} main\n`;
}

/** What was drawn for a host, and what of it is installed. */
export interface MadeUpHost {
  readonly suite: string;
  readonly seed: number;
  /** A recorded host, for `openRecordedHost`. */
  readonly directory: string;
  readonly drawn: readonly string[];
  /** Those of the drawn ones that cannot be installed beside the earlier ones. */
  readonly skipped: readonly string[];
  /** Names that were asked for; what else is installed came by itself. */
  readonly manual: readonly string[];
  /** Installed packages. */
  readonly size: number;
}

export interface HostRequest {
  readonly seed: number;
  /** How many names are drawn of all that the suite has for i386. */
  readonly draws: number;
  /** What it has besides. */
  readonly also?: readonly string[];
  /** An empty folder for the recording, on the filesystem of the cache: the lists are linked into it. */
  readonly directory: string;
}

/**
 * Makes a recorded host of a minimal system and drawn packages, with what they need, as apt would install them: nothing
 * is downloaded but the indices, and nothing is installed. The same host for the same seed and index.
 */
export async function makeUpHost(
  archive: Archive,
  { seed, draws, also = [], directory }: HostRequest,
): Promise<MadeUpHost> {
  const offered = archive.packages('i386');
  const minimal = [...offered]
    .filter(([name, [text = '']]) => name === 'apt' || isVital(text))
    .map(([name]) => name)
    .sort();
  const random = randomNumbers(seed);
  const kernel = 'linux-image-686-pae';
  // Hosts with a kernel, as machines have one, and without, as containers.
  const wanted = [...minimal, ...(random() < 0.5 && offered.has(kernel) ? [kernel] : []), ...also];
  const drawn = draw([...offered.keys()].sort(), draws, random);
  const { asked, chosen } = await installableTogether(archive, wanted, drawn);
  const there = chosen.map((one) => ({ ...one, text: stanzaOf(offered, one) }));
  const manual = [...wanted, ...asked];
  writeHost(archive, directory, there, new Set(manual));
  const skipped = drawn.filter((name) => !asked.includes(name));
  return { suite: archive.suite, seed, directory, drawn, skipped, manual, size: there.length };
}

function isVital(text: StanzaText): boolean {
  return fieldOf(text, 'Essential') === 'yes' || fieldOf(text, 'Priority') === 'required';
}

function draw(names: readonly string[], count: number, random: () => number): string[] {
  const left = [...names];
  const drawn: string[] = [];
  while (drawn.length < count && left.length > 0) drawn.push(...left.splice(Math.floor(random() * left.length), 1));
  return drawn;
}

type Chosen = Extract<AptAnswer, { chosen: unknown }>['chosen'][number];

/**
 * As many of the drawn names as can be installed beside the others: without those that apt complains of, and where that
 * is not enough, earlier ones first.
 */
async function installableTogether(
  archive: Archive,
  base: readonly string[],
  drawn: readonly string[],
): Promise<{ asked: string[]; chosen: readonly Chosen[] }> {
  let chosen: readonly Chosen[] = [];
  let asked: string[] = [];
  const add = async (more: readonly string[]): Promise<void> => {
    const answer = await archive.ask('i386', [...base, ...asked, ...more]);
    if ('chosen' in answer) {
      asked = [...asked, ...more];
      chosen = answer.chosen;
      return;
    }
    const blamed = new Set([...answer.said.matchAll(/^ (\S+) : /gm)].map(([, name]) => name));
    const rest = more.filter((name) => !blamed.has(name));
    if (rest.length > 0 && rest.length < more.length) {
      await add(rest);
    } else if (more.length > 1) {
      const half = Math.ceil(more.length / 2);
      await add(more.slice(0, half));
      await add(more.slice(half));
    }
  };
  await add(drawn);
  if (chosen.length === 0) throw new Error(`${archive.suite} has no system with ${base.join(' ')}`);
  return { asked, chosen };
}

function stanzaOf(offered: ReadonlyMap<string, readonly StanzaText[]>, { name, version }: Chosen): StanzaText {
  const text = offered.get(name)?.find((one) => fieldOf(one, 'Version') === version);
  if (text === undefined) throw new Error(`apt chose ${name} ${version}, which is not in the index`);
  return text;
}

/** Of the archive's file, and no matter of an installed package. */
const indexFields =
  /^(?:Filename|Size|MD5sum|SHA1|SHA256|Description-md5|Tag|Homepage|Section|Priority): .*(?:\n .*)*\n?/gm;

/** @returns what a package says of itself */
export function withoutIndexFields(text: StanzaText): StanzaText {
  return text.replace(indexFields, '').trimEnd();
}

/** What dpkg knows of each package of a made-up host. */
export function installedStanzas(directory: string): StanzaText[] {
  const text = readFileSync(join(directory, 'tree/var/lib/dpkg/status'), 'utf8');
  return text.trimEnd().split(/\n\n+/);
}

function writeHost(
  archive: Archive,
  directory: string,
  there: readonly (Chosen & { readonly text: StanzaText })[],
  manual: ReadonlySet<string>,
): void {
  const tree = join(directory, 'tree');
  const write = (path: string, text: string): void => {
    const place = join(tree, path);
    mkdirSync(join(place, '..'), { recursive: true });
    writeFileSync(place, text);
  };
  const stanzas = there.map(({ text }) => {
    const [first = '', ...rest] = withoutIndexFields(text).split('\n');
    return `${[first, 'Status: install ok installed', ...rest].join('\n')}\n`;
  });
  write('var/lib/dpkg/status', stanzas.join('\n'));
  write('var/lib/dpkg/diversions', '');
  const automatic = there.filter(({ name }) => !manual.has(name));
  write(
    'var/lib/apt/extended_states',
    automatic.map(({ name }) => `Package: ${name}\nArchitecture: i386\nAuto-Installed: 1\n`).join('\n'),
  );
  write('etc/apt/sources.list', sourceLine(archive.suite));
  write('etc/os-release', osRelease(archive.suite));
  for (const { name } of there) {
    const release = /^linux-image-(\d.*)$/.exec(name)?.[1];
    if (release !== undefined) write(`boot/vmlinuz-${release}`, '');
  }
  mkdirSync(join(tree, 'var/lib/apt/lists'), { recursive: true });
  for (const name of readdirSync(archive.lists)) {
    linkSync(join(archive.lists, name), join(tree, 'var/lib/apt/lists', name));
  }
  const host: RecordedHost = {
    format: 'crossgrade-recorded-host-1',
    architectures: ['i386'],
    kernel: { machine: 'x86_64', release: '6.1.0-0-amd64', bootId: '00000000-0000-0000-0000-000000000000' },
    cpuFlags: ['fpu', 'lm', 'pae', 'sse2'],
    freeBytes: 2 ** 40,
    freeInodes: 10_000_000,
  };
  writeFileSync(join(directory, hostFile), JSON.stringify(host));
}

const versionIds: Readonly<Record<string, string>> = { bullseye: '11', bookworm: '12', trixie: '13', forky: '14' };

/** Like those of base-files: testing and unstable have no number. */
function osRelease(suite: string): string {
  const number = versionIds[suite];
  const codename = suite === 'sid' ? 'forky' : suite;
  const id = number === undefined || suite === 'forky' ? [] : [`VERSION_ID="${number}"`];
  return [`PRETTY_NAME="Debian GNU/Linux ${suite}"`, ...id, `VERSION_CODENAME=${codename}`, 'ID=debian', ''].join('\n');
}
