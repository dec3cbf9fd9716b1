import { describe, expect, test } from 'vitest';
import { readSources } from '../../../src/apt/sources.ts';
import { readMarks } from '../../../src/debian/marks.ts';
import { readStatus } from '../../../src/debian/package-stanza.ts';
import { parseDiversions } from '../../../src/dpkg/diversions.ts';
import { parseStatOverrides } from '../../../src/dpkg/stat-overrides.ts';
import { readTrouble } from '../../../src/machine/files/file-trouble.ts';
import { failureForRoot, forRoot, inRoot, nameRoot } from '../../../src/run/name-root.ts';
import { failureOf } from '../../../src/run/system/run.ts';

test('a command of ours names the root, where it is not the host’s own', () => {
  const text = 'Type crossgrade resume, or `crossgrade rollback`.';
  expect(nameRoot(text, '/srv/try')).toBe(
    'Type crossgrade resume --root /srv/try, or `crossgrade rollback --root /srv/try`.',
  );
  expect(nameRoot(nameRoot(text, '/srv/try'), '/srv/try')).toBe(nameRoot(text, '/srv/try'));
  expect(nameRoot('type crossgrade rescue', '/srv/try')).toBe('type crossgrade rescue --root /srv/try');
  expect(nameRoot(text, '/')).toBe(text);
});

test('a command for the root is typed outside of it', () => {
  expect(inRoot('dpkg --configure -a', '/srv/try')).toBe('chroot /srv/try dpkg --configure -a');
  expect(inRoot('apt-get update && apt-get upgrade', '/srv/try')).toBe(
    "chroot /srv/try sh -c 'apt-get update && apt-get upgrade'",
  );
  expect(inRoot('dpkg --configure -a', '/')).toBe('dpkg --configure -a');
});

test('a remedy for the root is typed outside of it, whether it is a command or words with one of ours', () => {
  const finding = {
    ...{ id: 'packages/no-lists', severity: 'blocker' as const, title: '', detail: '', affected: [], source: '' },
    remedies: [
      { hint: 'Run crossgrade check as root.' },
      { hint: 'Wait.' },
      { command: 'apt-get update' },
      { decision: 'x' },
    ],
  };
  expect(forRoot([finding], '/srv/try').flatMap(({ remedies }) => remedies)).toEqual([
    { hint: 'Run crossgrade check --root /srv/try as root.' },
    { hint: 'Wait.' },
    { command: 'chroot /srv/try apt-get update' },
    { decision: 'x' },
  ]);
  expect(forRoot([finding], '/')).toEqual([finding]);
});

test('a root with any name stays one word', () => {
  const root = "/srv/my root's $&";
  expect(nameRoot('Type crossgrade resume.', root)).toBe("Type crossgrade resume --root '/srv/my root'\\''s $&'.");
  expect(inRoot('dpkg --configure -a', root)).toBe("chroot '/srv/my root'\\''s $&' dpkg --configure -a");
  expect(inRoot("cd '/srv/a b'/.. && npm rebuild", '/srv/try')).toBe(
    "chroot /srv/try sh -c 'cd '\\''/srv/a b'\\''/.. && npm rebuild'",
  );
});

describe('a failure in a root', () => {
  const failed = (work: () => unknown, root: string): string[] => {
    try {
      work();
    } catch (error) {
      const { message, details, hint = '' } = failureForRoot(failureOf(error), root);
      return [message, ...details, hint];
    }
    return expect.fail('it is read');
  };

  test.each<[string, (text: string, fileName: string) => unknown]>([
    ['/var/lib/dpkg/status', readStatus],
    ['/var/lib/dpkg/diversions', parseDiversions],
    ['/var/lib/dpkg/statoverride', parseStatOverrides],
    ['/etc/apt/sources.list', readSources],
    ['/var/lib/apt/extended_states', (text, file) => readMarks(text, file, 'i386')],
  ])('names %s where it is', (file, read) => {
    const root = "/srv/my root's";
    const [message = '', hint = ''] = failed(() => read('Package dpkg', file), root);
    expect(message).toMatch(new RegExp(`^${root}${file}, line 1, is broken: `));
    expect(hint).toContain(`Repair ${root}${file} or put an older copy in its place`);
    expect(`${message} ${hint}`.replaceAll(`${root}/`, '')).not.toMatch(/(?<!\w)\/(var|etc)/);
    expect(failed(() => read('Package dpkg', file), '/').join(' ')).not.toContain(root);
  });

  test('names commands as they are typed outside', () => {
    const text = 'Package: x\nStatus: install ok installed\nArchitecture: i386\n\n';
    expect(failed(() => readStatus(text, '/var/lib/dpkg/status'), "/srv/my root's").at(-1)).toMatch(
      /^Run `chroot '\/srv\/my root'\\''s' dpkg --audit`; repair/,
    );
    const failure = { code: 'CG0231', message: '', details: [], hint: 'Type `apt-get x y` and crossgrade resume.' };
    expect(failureForRoot(failure, '/srv/r').hint).toBe(
      'Type `chroot /srv/r apt-get x y` and crossgrade resume --root /srv/r.',
    );
  });

  test('leaves alone what is named from outside already, and what the user has typed', () => {
    const trouble = Object.assign(new Error("EIO: i/o error, read '/srv/r/etc/passwd'"), { code: 'EIO' });
    const error = readTrouble('/etc/passwd', trouble);
    expect(error && failureForRoot(failureOf(error), '/srv/r')).toMatchObject({
      message: '/srv/r/etc/passwd cannot be read: the disk does not answer properly',
      details: ["EIO: i/o error, read '/srv/r/etc/passwd'"],
    });
    const typed = { code: 'CG0006', message: '/etc/answers cannot be read.', details: [], hint: 'See http://x/etc/.' };
    expect(failureForRoot(typed, '/srv/r')).toEqual(typed);
  });
});
