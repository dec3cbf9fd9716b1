import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** Tests that type the commands of findings in real roots; a test that does has the id of the finding in it. */
const places: readonly string[] = [
  ...readdirSync('test/faults')
    .filter((name) => /^remedies.*\.test\.ts$/.test(name))
    .map((name) => join('test/faults', name)),
  'test/faults/named-paths.test.ts',
];

/** Findings whose commands cannot be typed in a root of a test, or take nothing away by themselves, and why. */
export const notTyped: Readonly<Record<string, string>> = {
  'machine/boot-password': 'update-grub needs a disk that GRUB finds; what is to be written first is a hint',
  'machine/grub-default': 'the same',
  'machine/memory': 'it would take memory and swap from the machine of the tests',
  'machine/no-snapshot':
    'a snapshot takes a filesystem or a volume of the machine; typed on btrfs by test/integration/check/snapshot.test.ts',
  'machine/secure-boot': 'only shows the keys of a firmware',
  'machine/small-memory': 'as machine/memory',
  'machine/snapshot': 'as machine/no-snapshot',
  'network/run-time-only': 'it writes down the rules of a packet filter that runs',
  'packages/diversion-old-path': 'for the time after, when the administrator has built an own file anew',
  'packages/dkms': 'only shows what DKMS has built, for a kernel that is still to come',
  'packages/programs-stopped': 'typed by test/faults/torn.test.ts, with archives that somebody has fetched',
  'session/desktop': 'it ends a graphical session',
  'session/logins': 'only tells those who are logged in',
  'session/ssh-without-multiplexer': 'it is about the connection of who types it',
};

/** @returns whether a test types what a finding shows */
export function isTyped(id: string): boolean {
  return places.some((file) => literalsOf(file).has(id));
}

const known = new Map<string, ReadonlySet<string>>();

function literalsOf(file: string): ReadonlySet<string> {
  const found = known.get(file) ?? new Set(strings(parse(file)));
  known.set(file, found);
  return found;
}

function parse(file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022, true);
}

function strings(node: ts.Node): string[] {
  const inside: string[] = ts.isStringLiteralLike(node) ? [node.text] : [];
  ts.forEachChild(node, (child) => {
    inside.push(...strings(child));
  });
  return inside;
}

/** Checks whose remedies are made elsewhere. */
const elsewhere: Readonly<Record<string, string>> = { 'network/run-time-only': 'src/network/network-remedies.ts' };

/** @returns programs with which the commands that a check shows begin, as far as they stand in its source */
export function programsInSource(check: string): string[] {
  const files = [`steps/check/${check}.ts`, ...(check in elsewhere ? [elsewhere[check] ?? ''] : [])];
  const found = new Set<string>();
  const visit = (node: ts.Node): void => {
    // Made elsewhere: of whatever program.
    if (ts.isShorthandPropertyAssignment(node) && node.name.text === 'command') found.add('');
    if (ts.isPropertyAssignment(node) && node.name.getText() === 'command') {
      const first = strings(node.initializer)[0] ?? headOf(node.initializer);
      const program = /^(?:umask 077 && )?([a-z][\w-]+)/.exec(first)?.[1];
      if (program !== undefined) found.add(program);
    }
    ts.forEachChild(node, visit);
  };
  for (const file of files) visit(parse(file));
  return [...found];
}

function headOf(node: ts.Node): string {
  return ts.isTemplateExpression(node) ? node.head.text : '';
}
