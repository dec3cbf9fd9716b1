import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

/** Commands by which data is gone for good; a package that is purged takes its data with it. */
const deleting: readonly RegExp[] = [
  /\b(pg_dropcluster|dropdb|dropuser|pg_resetwal|wipefs|shred|userdel|deluser|groupdel|lvremove|vgremove|mkfs)\b/,
  /\bDROP (TABLE|DATABASE|EXTENSION|SCHEMA|ROLE|OWNED)\b/,
  /\brm (-\S+ )*["'$/*~]/,
  /\b(rm -\w*r|find .* -delete|truncate -s|zfs destroy|subvolume delete|drop table|delete from)\b/i,
  /(?<!own )\b(apt|apt-get|aptitude) (-\S+ )*(remove|purge|autoremove)\b/,
  /\bdpkg (-\S+ )*(--purge|--remove|-P|-r)\b/,
  /(^| )dd .*\bof=/,
];

/** What is said or done all the same, and why nothing is lost by it. */
const allowed: readonly (readonly [text: RegExp, why: string])[] = [
  [/^(crossgrade is not needed any more: |.*\n?.*`)apt purge crossgrade/, 'its own package: logs and exports stay'],
  [/afterwards `apt purge crossgrade` leaves|`apt purge crossgrade` keeps/, 'the same, in the documentation'],
  [/apt autoremove must leave them/, 'says what it does not do'],
  [/^Runs dpkg --(purge|remove-architecture)/, 'says what the run does, as planned and decided'],
  [/dpkg-divert|dpkg-statoverride|--remove-architecture/, 'dpkg forgets a setting; no file is touched'],
  [/^dpkg --purge \$$/, 'packages that somebody has installed while the crossgrade was at work, and no others'],
  [
    /^rm --recursive --force --one-file-system -- \$$/,
    'run on copies that crossgrade has made, as the owner of the folder',
  ],
  [/Purge them \(dpkg --purge/, 'packages that somebody has installed while the crossgrade was at work'],
  [/delete the folder with: rm -r --one-file-system/, 'a sandbox that crossgrade has just made, and could not remove'],
  [/^DROP DATABASE postgres;$/, 'run by the import, in a cluster that it has just made, where the original has none'],
  [/^find \$ -name \$ -delete$/, 'package lists, which the next update fetches again'],
  [/^cat chmod chroot find ip ln mkdir mkfs[.]ext4 /, 'the list of programs that a root is entered with'],
  [/^mkfs[.]ext4$/, 'run on a file that a rehearsal has just made, under a name that was not there'],
  [/^rm -rf --one-file-system -- \$$/, 'run on the folder of a sandbox that was not made to its end'],
  [
    /rm -rf (--one-file-system )?-- "\$2"|rm -f -- "\$@"|rm -f "\$policy"|rm -rf --one-file-system "\$work"|-- "\$masked"/,
    'scripts on own copies',
  ],
  [/`dpkg --remove --force-depends`|deletes a failing prerm/, 'what another program does, in a comparison'],
];

/** Files without any of these words are not looked into. */
const hint = /\brm\b|\bdd\b|remove|purge|drop|delete|truncate|wipefs|shred|mkfs|resetwal|userdel|deluser|destroy/i;

/** Every text of a source file: what is shown to somebody is one of them, wherever it is put together. */
function literals(file: string): string[] {
  const code = readFileSync(file, 'utf8');
  if (!hint.test(code)) return [];
  const source = ts.createSourceFile(file, code, ts.ScriptTarget.ES2022);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) found.push(node.text);
    // What is put in stands as `$`, so that a command with a name in it is still one.
    else if (ts.isTemplateExpression(node)) {
      found.push(node.head.text + node.templateSpans.map(({ literal }) => `$${literal.text}`).join(''));
    }
    // A command in words: shellWords(['apt-get', 'remove', …]), or what is joined.
    else if (ts.isArrayLiteralExpression(node)) {
      found.push(node.elements.map((one) => (ts.isStringLiteralLike(one) ? one.text : '$')).join(' '));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function filesBelow(folder: string, end: RegExp): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && end.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

/** @returns texts by which somebody could lose data */
function destructive(texts: readonly string[]): string[] {
  return texts.filter(
    (text) => deleting.some((command) => command.test(text)) && !allowed.some(([known]) => known.test(text)),
  );
}

test('the patterns know such a command when they see one', () => {
  const bad = [
    'What nobody needs any more can be dropped: pg_dropcluster VERSION NAME.',
    'Drop it (DROP EXTENSION NAME), or install a package',
    'apt-get remove $',
    'rm -rf /var/lib/mysql',
    'apt-get -y autoremove',
    'dpkg --purge slapd',
  ];
  expect(destructive(bad)).toEqual(bad);
});

test('no finding, remedy, error or hint names a command that deletes data', () => {
  const files = [...filesBelow('src', /\.ts$/), ...filesBelow('steps', /\.ts$/)];
  expect(files.length).toBeGreaterThan(200);
  expect(files.flatMap((file) => destructive(literals(file)).map((text) => `${file}: ${text}`))).toEqual([]);
}, 60_000);

test('neither does the documentation', () => {
  const files = ['README.md', 'packaging/crossgrade.8', ...filesBelow('docs', /\.md$/)];
  const lines = files.flatMap((file) =>
    destructive(readFileSync(file, 'utf8').split('\n')).map((line) => `${file}: ${line}`),
  );
  expect(lines).toEqual([]);
});
