import { expect, test } from 'vitest';
import { inRoot, nameRoot } from '../../src/cli/name-root.ts';

test('a command of ours names the root, where it is not the host’s own', () => {
  const text = 'Type crossgrade resume, or `crossgrade rollback`.';
  expect(nameRoot(text, '/srv/try')).toBe(
    'Type crossgrade resume --root /srv/try, or `crossgrade rollback --root /srv/try`.',
  );
  expect(nameRoot(nameRoot(text, '/srv/try'), '/srv/try')).toBe(nameRoot(text, '/srv/try'));
  expect(nameRoot(text, '/')).toBe(text);
});

test('a command for the root is typed outside of it', () => {
  expect(inRoot('dpkg --configure -a', '/srv/try')).toBe('chroot /srv/try dpkg --configure -a');
  expect(inRoot('apt-get update && apt-get upgrade', '/srv/try')).toBe(
    "chroot /srv/try sh -c 'apt-get update && apt-get upgrade'",
  );
  expect(inRoot('dpkg --configure -a', '/')).toBe('dpkg --configure -a');
});

test('a root with any name stays one word', () => {
  const root = "/srv/my root's $&";
  expect(nameRoot('Type crossgrade resume.', root)).toBe("Type crossgrade resume --root '/srv/my root'\\''s $&'.");
  expect(inRoot('dpkg --configure -a', root)).toBe("chroot '/srv/my root'\\''s $&' dpkg --configure -a");
  expect(inRoot("cd '/srv/a b'/.. && npm rebuild", '/srv/try')).toBe(
    "chroot /srv/try sh -c 'cd '\\''/srv/a b'\\''/.. && npm rebuild'",
  );
});
