import { readFileSync } from 'node:fs';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { compareVersions, isValidVersion } from '../../../src/debian/version.ts';

type Pair = readonly [string, string];

/** Reads `one operator other` lines and prints those that dpkg does not agree with; warnings about odd versions aside. */
const disagreements = `
while read -r one operator other; do
  dpkg --compare-versions "$one" "$operator" "$other" 2>/dev/null || echo "$one $operator $other"
done`;

const rejected = `
while read -r version; do
  dpkg --validate-version "$version" 2>/dev/null || echo "$version"
done`;

async function dpkgDisagrees(pairs: readonly Pair[]): Promise<string[]> {
  const lines = pairs.map(([one, other]) => `${one} ${operatorBetween(one, other)} ${other}`);
  const { stdout } = await execa('sh', ['-c', disagreements], { input: `${lines.join('\n')}\n` });
  return stdout.split('\n').filter((line) => line !== '');
}

function operatorBetween(one: string, other: string): 'lt' | 'eq' | 'gt' {
  const order = compareVersions(one, other);
  if (order === 0) return 'eq';
  return order < 0 ? 'lt' : 'gt';
}

/** Versions of this machine's packages and of all that its apt knows, and of a recorded system. */
async function realVersions(): Promise<string[]> {
  const installed = await execa('dpkg-query', ['-W', '-f', `\${Version}\\n`]);
  const available = await execa('apt-cache', ['dumpavail'], { reject: false, maxBuffer: 200_000_000 });
  const recorded = readFileSync(new URL('../../../fixtures/hosts/bookworm-minimal/status', import.meta.url), 'utf8');
  const found = [...`${available.stdout}\n${recorded}`.matchAll(/^Version: (\S+)$/gm)].map((match) => match[1] ?? '');
  return [...new Set([...installed.stdout.split('\n'), ...found])].filter((version) => version !== '').sort();
}

/** Sorted as text, neighbours have long beginnings in common; farther ones have not. */
function pairsOf(versions: readonly string[], count: number): Pair[] {
  const pairs: Pair[] = [];
  for (let stride = 1; pairs.length < count; stride = stride * 3 + 1) {
    const step = Math.max(1, Math.floor(versions.length / (count / 4)));
    for (let index = 0; index < versions.length && pairs.length < count; index += step) {
      pairs.push([versions[index] ?? '', versions[(index + stride) % versions.length] ?? '']);
    }
  }
  return pairs;
}

/** Each of a few awkward pieces behind each other, with and without an epoch and a revision. */
function awkwardVersions(): string[] {
  const pieces = ['0', '00', '1', '01', '10', '9', '~', '~~', '+', '.', '-', 'a', 'Z', ':', '~rc', '+b', '0a', 'a0'];
  const bodies = pieces.flatMap((one) => pieces.map((other) => `1${one}${other}`));
  const longs = ['1.99999999999999999998', '1.99999999999999999999', '1.000000000000000000001', '20230101000000'];
  return [...bodies, ...longs]
    .flatMap((body) => [body, `0:${body}`, `1:${body}`, `${body}-0`, `${body}-1~bpo12+1`])
    .filter((version) => !version.endsWith('-') && hasUsableEpoch(version));
}

/** dpkg refuses to compare others: `1~:0`, `10:`, `10:-0`. */
function hasUsableEpoch(version: string): boolean {
  return !version.includes(':') || /^\d+:[^-]/.test(version);
}

/** Deterministic, but without a pattern that the versions could share. */
function shuffled<T>(values: readonly T[]): T[] {
  let state = 42;
  return values
    .map((value) => {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      return { value, key: state };
    })
    .sort((a, b) => a.key - b.key)
    .map(({ value }) => value);
}

describe('our order of versions is that of dpkg', () => {
  test('for 3,000 pairs of real versions', async () => {
    const pairs = pairsOf(await realVersions(), 3000);
    expect(pairs).toHaveLength(3000);
    expect(await dpkgDisagrees(pairs)).toEqual([]);
  });

  test('for 3,000 pairs of awkward ones', async () => {
    const versions = awkwardVersions();
    const pairs = [...pairsOf(versions, 1500), ...pairsOf(shuffled(versions), 1500)];
    expect(await dpkgDisagrees(pairs)).toEqual([]);
  });
});

test('our judgement of versions is that of dpkg', async () => {
  const versions = shuffled(awkwardVersions()).slice(0, 400);
  const odd = [
    'a1',
    '1-',
    '1.0_1',
    ':1',
    'x:1',
    '1:',
    '2147483647:1',
    '2147483648:1',
    '1-1:2',
    '1=2',
    '-1:1',
    '~1',
    '1:a',
    '1:1-:',
    '10:-0',
  ];
  const { stdout } = await execa('sh', ['-c', rejected], { input: `${[...versions, ...odd].join('\n')}\n` });
  expect([...versions, ...odd].filter((version) => !isValidVersion(version))).toEqual(stdout.split('\n'));
});
