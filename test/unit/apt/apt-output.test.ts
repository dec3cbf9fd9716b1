import { describe, expect, test } from 'vitest';
import {
  archiveName,
  readAptComplaints,
  readArchiveName,
  readFailedDownloads,
  readMadison,
  readPolicy,
  readPrintUris,
} from '../../../src/apt/apt-output.ts';
import { assertUsable } from '../../../src/apt/system/solve.ts';
import type { CrossgradeError } from '../../../src/base/error.ts';
import { i386ToAmd64, readHost } from '../../support/recorded/hosts.ts';

test('a flat repository names no architecture: its packages are of the apt that was asked', () => {
  const text =
    ' ownd | 2.1 | file:/srv/repo ./ Packages\n ownd | 2.0 | http://mirror.example/debian stable/main amd64 Packages\n';
  expect(readMadison(text, 'amd64')).toEqual(new Map([['ownd', new Map([['amd64', ['2.1', '2.0']]])]]));
  expect(readMadison(' ownd | 2.1 | file:/srv extra/ Packages\n').get('ownd')).toEqual(new Map([['all', ['2.1']]]));
});

describe('--print-uris', () => {
  test('gives each archive with its size', () => {
    const [first, ...others] = readPrintUris(readHost('bookworm-server').texts['print-uris'] ?? '');
    expect(first).toEqual({
      uri: 'http://mirror.example/debian/pool/main/g/gcc-12/gcc-12-base_12.2.0-14%2bdeb12u1_amd64.deb',
      fileName: 'gcc-12-base_12.2.0-14+deb12u1_amd64.deb',
      bytes: 37596,
    });
    expect(others.length).toBeGreaterThan(190);
  });

  test('gives addresses without the logins that apt prints with them', () => {
    const line = "'http://name:secret@mirror.example/debian/pool/a_1_i386.deb' a_1_i386.deb 12 SHA256:00";
    expect(readPrintUris(line).map(({ uri }) => uri)).toEqual(['http://mirror.example/debian/pool/a_1_i386.deb']);
    expect(() => readPrintUris(line.replace(' 12 ', ' many '))).toThrow(/^(?!.*secret)/);
  });

  test('passes over what is not an archive, and throws at one that is broken', () => {
    expect(readPrintUris('Reading package lists...\n\n')).toEqual([]);
    for (const line of ["'http://x/a.deb' a.deb", "'http://x/a.deb' a.deb many", "'http://x/a.deb a.deb 12"]) {
      expect(() => readPrintUris(line)).toThrow(expect.objectContaining({ code: 'CG0120' }));
    }
  });
});

describe('names of archives', () => {
  test.each([
    ['libc6_2.36-9+deb12u14_amd64.deb', 'libc6', '2.36-9+deb12u14', 'amd64'],
    ['vim_2%3a9.0.1378-2_amd64.deb', 'vim', '2:9.0.1378-2', 'amd64'],
    ['tzdata_2025b-0_all.deb', 'tzdata', '2025b-0', 'all'],
  ])('%s is read and written', (fileName, name, version, architecture) => {
    expect(readArchiveName(fileName)).toEqual({ name, version, architecture });
    expect(archiveName({ name, version, architecture })).toBe(fileName);
  });

  test('something else is an error', () => {
    expect(() => readArchiveName('libc6.deb')).toThrow(expect.objectContaining({ code: 'CG0121' }));
  });
});

test('madison gives the versions of each architecture', () => {
  const versions = readMadison(`
      apt |      2.6.1 | http://mirror.example/debian bookworm/main amd64 Packages
      apt |      2.6.1 | http://mirror.example/debian bookworm/main i386 Packages
      apt | 2.6.1~bpo1 | http://mirror.example/debian bookworm-backports/main amd64 Packages
      apt |      2.6.1 | http://mirror.example/debian bookworm/main Sources
N: Unable to locate package wine32
`);
  expect([...versions.keys()]).toEqual(['apt']);
  expect(Object.fromEntries(versions.get('apt') ?? [])).toEqual({ amd64: ['2.6.1', '2.6.1~bpo1'], i386: ['2.6.1'] });
});

test('policy gives the candidate of each name', () => {
  const candidates = readPolicy(`apt:
  Installed: (none)
  Candidate: 2.6.1
  Version table:
     2.6.1 500
        500 http://mirror.example/debian bookworm/main amd64 Packages
libc6:i386:
  Installed: (none)
  Candidate: 2.36-9+deb12u14
wine32:
  Installed: (none)
  Candidate: (none)
`);
  expect([...candidates]).toEqual([
    ['apt', '2.6.1'],
    ['libc6:i386', '2.36-9+deb12u14'],
  ]);
});

describe('complaints of apt', () => {
  test('name the repository', () => {
    const complaints = readAptComplaints(`Get:1 http://mirror.example/debian bookworm InRelease [151 kB]
Err:2 http://mirror.example/debian bookworm/main amd64 Packages
  404  Not Found [IP: 192.0.2.1 80]
E: Failed to fetch http://mirror.example/debian/dists/bookworm/main/binary-amd64/Packages  404  Not Found
W: Download is performed unsandboxed as root as file '/x' couldn't be accessed by user '_apt'.
W: http://mirror.example/debian/dists/bookworm/InRelease: Key is stored in legacy trusted.gpg keyring
E: Some index files failed to download.
`);
    expect(complaints).toEqual([
      {
        repository: 'http://mirror.example/debian',
        text: 'http://mirror.example/debian bookworm/main amd64 Packages: 404  Not Found [IP: 192.0.2.1 80]',
        isReason: true,
      },
      {
        repository: 'http://mirror.example/debian/dists/bookworm/main/binary-amd64/Packages',
        text: expect.stringContaining('404  Not Found'),
      },
      { text: 'Some index files failed to download.' },
    ]);
  });

  test('name a CD whole', () => {
    const cd = 'cdrom://[Debian GNU/Linux 12.0 _Bookworm_ - Official i386 NETINST]';
    expect(
      readAptComplaints(`Err:2 ${cd} bookworm Release\n  Please use apt-cdrom\nE: The repository '${cd} x' is`),
    ).toEqual([
      { repository: cd, text: `${cd} bookworm Release: Please use apt-cdrom`, isReason: true },
      { repository: cd, text: `The repository '${cd} x' is` },
    ]);
  });

  test('are none when all went well', () => {
    expect(
      readAptComplaints('Hit:1 http://mirror.example/debian bookworm InRelease\nReading package lists...\n'),
    ).toEqual([]);
  });
});

test('why files cannot be fetched is said once, before the files', () => {
  const files = ['a', 'b', 'c', 'd'].map((name) => `http://mirror.example/${name}.deb`);
  const reason = 'Could not connect to mirror.example:80 (192.0.2.1). - connect (111: Connection refused)';
  // As apt-helper download-file of apt 2.6 writes it.
  const said = [
    ...files.flatMap((uri, index) => [`Err:${index + 1} ${uri}`, `  ${reason}`]),
    "W: Download is performed unsandboxed as root as file 'a.deb' couldn't be accessed by user '_apt'.",
    ...files.map((uri) => `E: Failed to fetch ${uri}  ${reason}`),
    'E: Failed to fetch http://mirror.example/e.deb  Hash Sum mismatch',
    '   Hashes of expected file:',
    'E: Download Failed',
  ].join('\n');
  expect(readFailedDownloads(said)).toEqual([
    reason,
    '  http://mirror.example/a.deb',
    '  http://mirror.example/b.deb',
    '  and 2 more',
    'Hash Sum mismatch',
    '  http://mirror.example/e.deb',
  ]);
  expect(readFailedDownloads('Err:1 http://mirror.example/a.deb')).toEqual([]);
});

test('where no name can be resolved, what resolves names is named, and not the mirror', () => {
  const trouble = (text: string) => ({ failed: true, failing: [{ text }], withoutTarget: [] });
  const hintOf = (text: string) => {
    try {
      assertUsable(trouble(text), i386ToAmd64);
    } catch (error) {
      return (error as CrossgradeError).hint;
    }
    return undefined;
  };
  expect(hintOf("Temporary failure resolving 'mirror.example'")).toContain('/etc/resolv.conf');
  expect(hintOf('File has unexpected size (1 != 2). Mirror sync in progress?')).not.toContain('/etc/resolv.conf');
});
