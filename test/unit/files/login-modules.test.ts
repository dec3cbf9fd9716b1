import { describe, expect, test } from 'vitest';
import { findPair } from '../../../src/debian/architecture.ts';
import {
  type LoginModule,
  lostModules,
  modulePlaces,
  nssModules,
  pamModules,
  placeFor,
} from '../../../src/files/login-modules.ts';

const pair = findPair('i386', 'amd64');
if (pair === undefined) throw new Error('no such pair');

describe('what PAM’s configuration names', () => {
  test('is each module once, with who names it, and whether it may be missing', () => {
    const texts = {
      '/etc/pam.d/sshd': `# session optional pam_comment.so
@include common-auth
account    required     pam_nologin.so
session [success=ok ignore=ignore module_unknown=ignore default=bad] pam_selinux.so close
-session   optional     pam_systemd.so
auth required \\
  /opt/ours/pam_ours.so  strict
`,
      '/etc/pam.d/login': '-auth optional pam_systemd.so\naccount required pam_nologin.so\n',
      '/etc/pam.conf': 'other auth required pam_deny.so\n',
    };
    expect(pamModules(texts)).toEqual([
      { kind: 'pam', name: 'pam_nologin.so', files: ['/etc/pam.d/login', '/etc/pam.d/sshd'], optional: false },
      { kind: 'pam', name: 'pam_selinux.so', files: ['/etc/pam.d/sshd'], optional: false },
      { kind: 'pam', name: 'pam_systemd.so', files: ['/etc/pam.d/login', '/etc/pam.d/sshd'], optional: true },
      { kind: 'pam', name: '/opt/ours/pam_ours.so', files: ['/etc/pam.d/sshd'], optional: false },
      { kind: 'pam', name: 'pam_deny.so', files: ['/etc/pam.conf'], optional: false },
    ]);
  });
});

test('what nsswitch.conf names is libraries, but for what is in libc', () => {
  const text = `passwd:  files systemd ldap # comment sss
hosts:   files mdns4_minimal [NOTFOUND=return] dns
`;
  expect(nssModules(text).map(({ name }) => name)).toEqual([
    'libnss_systemd.so.2',
    'libnss_ldap.so.2',
    'libnss_mdns4_minimal.so.2',
  ]);
});

test('a module is lost when no package brings it', () => {
  const module: LoginModule = {
    kind: 'pam',
    name: 'pam_x.so',
    files: ['/etc/pam.d/sshd'],
    optional: false,
    path: '/usr/lib/i386-linux-gnu/security/pam_x.so',
    package: 'libpam-x',
    isThere: false,
  };
  expect(lostModules([module], pair, () => true)).toEqual([]);
  expect(lostModules([module], pair, () => false)).toEqual([module]);
  expect(lostModules([{ ...module, isThere: true }], pair, () => false)).toEqual([]);
  const { package: _, ...own } = module;
  expect(lostModules([own], pair, () => true)).toEqual([own]);
  const withFolder = { ...module, name: module.path };
  expect(lostModules([withFolder], pair, () => true)).toEqual([withFolder]);
  expect(placeFor(module, pair)).toBe('/usr/lib/x86_64-linux-gnu/security/pam_x.so');
  expect(modulePlaces(module, 'x86_64-linux-gnu')[0]).toBe(placeFor(module, pair));
});
