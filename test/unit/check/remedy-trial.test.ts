import { describe, expect, test } from 'vitest';
import { outcomeOf, programsOf, trialsOf } from '../../../src/check/remedy-trial.ts';

const simulation =
  'apt-get -q --simulate -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o Dir::Log::Planner= -o Dir::Log::Solver=';

describe('a command is tried by', () => {
  test.each([
    ['apt-get install --reinstall mount', ['apt-get'], [`${simulation} install --reinstall mount`]],
    ['dpkg --configure -a', ['dpkg'], ['dpkg --no-act --log=/dev/null --configure -a']],
    ['apt-get update && apt-get upgrade --with-new-pkgs', ['apt-get'], []],
    ["umask 077 && mdb_dump -n -f /var/backups/x '/srv/a b && rm'", ['mdb_dump'], []],
    [
      "printf '%s\\n' x | sha256sum --check && dpkg --install a.deb && dpkg --configure -a",
      ['printf', 'sha256sum', 'dpkg'],
      [],
    ],
    ['for python in /opt/*/bin/python; do "$python" -m pip freeze; done', [], []],
    ['RBENV_ROOT=/opt/rbenv rbenv versions', ['rbenv'], []],
    ['apt-get clean', ['apt-get'], ['cache']],
  ] as const)('%s', (command, programs, trials) => {
    expect(programsOf(command)).toEqual(programs);
    expect(trialsOf(command).map((one) => (one.kind === 'cache' ? 'cache' : one.argv.join(' ')))).toEqual(trials);
  });
});

describe('apt’s simulation', () => {
  const said = (stdout: string, exitCode = 0, stderr = '') =>
    outcomeOf({ exitCode, stdout, stderr }, { mustDo: true }, 'amd64');

  test('that comes to a good end lets the command stand', () => {
    expect(said('Inst tmux (3.3a-3 Debian:12 [i386])\nConf tmux (3.3a-3 Debian:12 [i386])\n')).toEqual({ removes: [] });
  });

  test('that would take away what the crossgrade needs does not', () => {
    expect(said('Remv passwd:amd64 [1:4.13]\nConf mount (2.38 Debian:12 [i386])\n').why).toMatch(/remove passwd:amd64/);
    const essential =
      'WARNING: The following essential packages will be removed.\nRemv bash [5]\nInst x (1 a [i386])\n';
    expect(said(essential).why).toMatch(/cannot do without/);
  });

  test('that would take anything away where the crossgrade was begun by hand does not, either', () => {
    const stdout = 'Remv libpam-modules-bin [1.5]\nConf mount (2 Debian:12 [i386])\n';
    const { why } = outcomeOf({ exitCode: 0, stdout, stderr: '' }, { mustDo: false }, 'amd64', true);
    expect(why).toBe('it would remove libpam-modules-bin');
  });

  test('names what else goes', () => {
    expect(said('Remv lonely [1]\nConf mount (2 Debian:12 [i386])\n')).toEqual({ removes: ['lonely'] });
  });

  test('that finds nothing, or does not start, says why', () => {
    expect(said('0 upgraded, 0 newly installed.\n').why).toMatch(/no repository/);
    expect(said('Reading package lists...\n', 100, 'E: Unable to locate package tmux\n').why).toBe(
      'Unable to locate package tmux',
    );
    const library = 'apt-get: error while loading shared libraries: libapt-pkg.so.6.0: cannot open shared object file';
    expect(said('', 127, `${library}: No such file or directory\n`).why).toContain('libapt-pkg.so.6.0');
  });
});
