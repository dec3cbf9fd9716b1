import { type InstalledPackage, type InstanceKey, instanceKey } from '../../../src/debian/package.ts';
import { DpkgModel, isConfigured } from '../../../src/dpkg/dpkg-model.ts';
import { tinyPackage } from '../roots/tiny-package.ts';
import { type DpkgCall, type DpkgUniverse, makeDpkgUniverse, startFiles } from './dpkg-universe.ts';
import type { DpkgAnswer, RealDpkg } from './real-dpkg.ts';

/** What came of one universe. */
export interface Comparison {
  readonly calls: number;
  /** Archives, instances to configure, and calls that remove. */
  readonly judgements: number;
  readonly accepted: number;
  /** What the model refused and dpkg did: safe, and to be rare. */
  readonly needless: readonly string[];
  /** What the model foretold and dpkg did not do: a plan could fail on it. */
  readonly wrong: readonly string[];
}

/** @param seed of the first universe; each has the next one */
export async function compareManyWithDpkg(dpkg: RealDpkg, seed: number, count: number): Promise<Comparison> {
  const sum = { calls: 0, judgements: 0, accepted: 0, needless: [] as string[], wrong: [] as string[] };
  for (let index = 0; index < count; index += 1) {
    const one = await compareWithDpkg(dpkg, seed + index, 4);
    sum.calls += one.calls;
    sum.judgements += one.judgements;
    sum.accepted += one.accepted;
    sum.needless.push(...one.needless);
    sum.wrong.push(...one.wrong);
  }
  return sum;
}

/** Figures for whoever runs it: how often dpkg would have done what the model refuses, and of which kind. */
export function describeComparison({ calls, judgements, accepted, needless, wrong }: Comparison): string {
  const kinds = new Map<string, number>();
  for (const text of needless) {
    const kind = needlessKinds.find(([, pattern]) => pattern.test(text))?.[0] ?? 'another reason';
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  const share = ((needless.length / judgements) * 100).toFixed(2);
  return [
    `${calls} calls, ${judgements} judgements: dpkg accepts ${accepted}, refuses ${judgements - accepted}; ${wrong.length} wrong`,
    `needless refusals: ${needless.length} (${share} %)`,
    ...[...kinds].map(([kind, count]) => `  ${count} ${kind}`),
  ].join('\n');
}

const needlessKinds: readonly (readonly [string, RegExp])[] = [
  ['dpkg would take away, unasked, what stands in the way', / conflicts with /],
  [
    'a Pre-Depends that a provider of any architecture, or a trigger that is run before, would satisfy',
    / pre-depends on /,
  ],
  ['a circle of dependencies that dpkg cuts at another place', / depends on /],
];

/** Lets the real dpkg and the model do the same, call by call; before each the model reads what dpkg has written. */
export async function compareWithDpkg(dpkg: RealDpkg, seed: number, calls: number): Promise<Comparison> {
  const universe = makeDpkgUniverse(seed);
  const files = universe.start.map(startFiles);
  dpkg.clearArchives();
  dpkg.reset(
    universe.native,
    files.map(({ stanza }) => stanza),
    Object.fromEntries(files.map(({ owner, paths }) => [owner, paths])),
  );
  const sum = { calls: 0, judgements: 0, accepted: 0, needless: [] as string[], wrong: [] as string[] };
  for (let number = 1; number <= calls; number += 1) {
    const before = dpkg.packages();
    const call = universe.nextCall(before.map(instanceKey));
    if (call.builds.length + call.keys.length === 0) continue;
    const answer = await perform(dpkg, universe, call);
    const verdict = new Judgement(universe, call, before, answer, dpkg.packages()).verdict();
    const where = `seed ${seed}, call ${number}`;
    sum.calls += 1;
    sum.judgements += verdict.judgements;
    sum.accepted += verdict.accepted;
    sum.needless.push(...verdict.needless);
    sum.wrong.push(...verdict.wrong.map((text) => `${where}: ${text}\n${story(universe, call, before, answer)}`));
  }
  return sum;
}

async function perform(dpkg: RealDpkg, { native }: DpkgUniverse, call: DpkgCall): Promise<DpkgAnswer> {
  const archives = call.builds.map((build) => dpkg.addArchive(fileName(build.stanza), tinyPackage(build)));
  const force = call.force.map((word) => `--force-${word}`);
  return dpkg.run(native, [...force, `--${call.operation}`, ...archives, ...call.keys]);
}

function fileName({ name, version, architecture }: { name: string; version: string; architecture: string }): string {
  return `${name}_${version}_${architecture}.deb`;
}

/** What the model says of a call, beside what dpkg did. */
class Judgement {
  readonly #call: DpkgCall;
  readonly #model: DpkgModel;
  readonly #answer: DpkgAnswer;
  readonly #after: readonly InstalledPackage[];
  readonly #needless: string[] = [];
  readonly #wrong: string[] = [];
  #judgements = 0;
  #accepted = 0;

  constructor(
    universe: DpkgUniverse,
    call: DpkgCall,
    before: readonly InstalledPackage[],
    answer: DpkgAnswer,
    after: readonly InstalledPackage[],
  ) {
    this.#call = call;
    this.#answer = answer;
    this.#after = after;
    this.#model = new DpkgModel(
      before.map((stanza) => ({ stanza, state: stanza.state })),
      universe.native,
    );
  }

  verdict(): Omit<Comparison, 'calls'> {
    const { operation, keys } = this.#call;
    if (operation === 'unpack' || operation === 'install') this.#judgeArchives(operation === 'install');
    else if (operation === 'configure') this.#judgeConfiguration(keys);
    else this.#judgeRemoval(operation === 'purge');
    if (this.#needless.length === 0 && this.#wrong.length === 0) this.#compareStates();
    return { judgements: this.#judgements, accepted: this.#accepted, needless: this.#needless, wrong: this.#wrong };
  }

  /** Where dpkg does what the model refuses, the model follows. */
  #judgeArchives(configure: boolean): void {
    const unpacked: InstanceKey[] = [];
    const failed = this.#answer.failed.filter((name) => name.endsWith('.deb')).map((path) => path.replace(/^.*\//, ''));
    for (const { stanza } of this.#call.builds) {
      const key = instanceKey(stanza);
      const problems = this.#model.unpackProblems(stanza).map(({ text }) => text);
      if (this.#judge(`unpack ${key}`, problems, !failed.includes(fileName(stanza)))) {
        this.#model.unpack(stanza);
        unpacked.push(key);
      }
      // Which one is gone then only dpkg knows.
      if (this.#tookAway() && problems.length > 0) return;
    }
    // A later archive can have taken the place of an earlier one.
    if (configure && !this.#tookAway())
      this.#judgeConfiguration(unpacked.filter((key) => this.#model.get(key)?.state === 'unpacked'));
  }

  #judgeConfiguration(keys: readonly InstanceKey[]): void {
    const problems = this.#model.configureProblems(keys);
    const done: InstanceKey[] = [];
    for (const key of keys) {
      const state = this.#after.find((one) => instanceKey(one) === key)?.state;
      const accepted = !this.#failed(key) && state !== undefined && isConfigured(state);
      const texts = problems.filter(({ instance }) => instance === key).map(({ text }) => text);
      if (this.#judge(`configure ${key}`, texts, accepted)) done.push(key);
    }
    this.#model.configure(done);
  }

  /** One judgement for the call: which of its instances fail, no plan asks. */
  #judgeRemoval(purge: boolean): void {
    const { force } = this.#call;
    // Of what only the configuration is left dpkg removes nothing.
    const keys = purge ? this.#call.keys : this.#call.keys.filter((key) => this.#model.get(key) !== undefined);
    const problems = this.#model.removeProblems(keys).map(({ text }) => text);
    for (const key of keys) {
      const stanza = this.#model.get(key)?.stanza;
      if (stanza?.essential && !force.includes('remove-essential')) problems.push(`${key} is essential`);
      if (stanza?.protected && !force.includes('remove-protected')) problems.push(`${key} is protected`);
    }
    const accepted = this.#answer.exitCode === 0;
    if (this.#judge(`${purge ? 'purge' : 'remove'} ${keys.join(' ')}`, problems, accepted)) this.#model.remove(keys);
  }

  /** @returns whether dpkg did it */
  #judge(what: string, problems: readonly string[], accepted: boolean): boolean {
    this.#judgements += 1;
    this.#accepted += accepted ? 1 : 0;
    if (accepted && problems.length > 0) this.#needless.push(`${what}: ${problems[0]}`);
    if (!accepted && problems.length === 0) this.#wrong.push(`${what} is refused`);
    return accepted;
  }

  /** In favour of what was unpacked: the model refuses that, for no plan says it. A refused archive can be the cause, too. */
  #tookAway(): boolean {
    return /will remove .* in favour of/.test(this.#answer.output);
  }

  #failed(key: InstanceKey): boolean {
    const [name] = key.split(':');
    return this.#answer.failed.some((one) => one === key || one === name);
  }

  #compareStates(): void {
    const { operation } = this.#call;
    // Some of a refused removal are gone, others not.
    if (this.#tookAway()) return;
    if ((operation === 'remove' || operation === 'purge') && this.#answer.exitCode !== 0) return;
    const expected = statesOf(this.#model.instances().map(({ stanza, state }) => ({ ...stanza, state })));
    const found = statesOf(this.#after.filter(({ state }) => state !== 'config-files'));
    if (expected !== found) this.#wrong.push(`leaves ${found} instead of ${expected}`);
  }
}

function statesOf(instances: readonly Pick<InstalledPackage, 'name' | 'architecture' | 'version' | 'state'>[]): string {
  return instances
    .map((one) => `${instanceKey(one)}=${one.version} ${isConfigured(one.state) ? 'configured' : one.state}`)
    .sort()
    .join(', ');
}

/** All that is needed to understand a difference. */
function story(
  { native }: DpkgUniverse,
  { operation, builds, keys, force }: DpkgCall,
  before: readonly InstalledPackage[],
  { exitCode, output }: DpkgAnswer,
): string {
  const fieldsOf = (fields: Readonly<Record<string, string>>) =>
    Object.entries(fields)
      .map(([name, value]) => `${name}: ${value}`)
      .join('; ');
  return [
    `  native ${native}, ${operation} ${keys.join(' ')} ${force.map((word) => `+${word}`).join(' ')}`,
    ...builds.map(({ fields }) => `  archive ${fieldsOf(fields)}`),
    ...before.map((one) => `  there   ${JSON.stringify(withoutEmpty(one))}`),
    `  exit ${exitCode}`,
    ...output
      .trimEnd()
      .split('\n')
      .map((line) => `  | ${line}`),
  ].join('\n');
}

function withoutEmpty(stanza: InstalledPackage): object {
  return Object.fromEntries(
    Object.entries(stanza).filter(
      ([, value]) => value !== '' && value !== false && !(Array.isArray(value) && value.length === 0),
    ),
  );
}
