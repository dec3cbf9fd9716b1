"""Makes the Debian roots of the benchmark, once, and lays overlays on them."""
import contextlib
import os
import re
import shutil
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ENTER = f'{HERE}/enter.sh'

OLD, NEW = 'i386', 'amd64'


def profile(name):
    """A profile of crossgrade's own sandboxes, 32-bit names."""
    return subprocess.check_output(['node', f'{HERE}/profile.mjs', OLD, name], text=True).split()


# The package sets compared, and what is installed on top of a minbase for each.
# crossgrader needs itself and its dependencies (python3, dpkg-dev, initramfs-tools, …) in the root it converts.
SETS = {'minimal': [], 'minimal + crossgrader': ['crossgrader'], 'server': profile('server')}

KEEP_SECONDS = 24 * 60 * 60

# binutils-i686-linux-gnu and the like: the native tools of the other architecture have another name.
OLD_TRIPLET, NEW_TRIPLET = 'i686-linux-gnu', 'x86-64-linux-gnu'


def counterpart(name):
    """The 64-bit system's name of a package."""
    return re.sub(r'^(linux-image-.*)686(-pae)?$', r'\1amd64', name.replace(OLD_TRIPLET, NEW_TRIPLET))


def run(*command, **options):
    subprocess.run(command, check=True, **options)


def host_suite():
    release = dict(line.rstrip().split('=', 1) for line in open('/etc/os-release') if '=' in line)
    return release['VERSION_CODENAME']


def apt_sources(suite):
    """Mirror and lines for sources.list, from this machine's own apt configuration: main of SUITE and its updates."""
    targets = subprocess.run(
        ['apt-get', 'indextargets', '--format', '$(RELEASE) $(REPO_URI)', 'Created-By: Packages', 'Component: main'],
        check=True, capture_output=True, text=True).stdout.split('\n')
    uris = dict(reversed([line.split(' ', 1) for line in targets if line]))
    if suite not in uris:
        raise SystemExit(f'apt on this machine has no source for {suite}: add one, or choose another --suite.')
    lines = [f'deb {uris[name]} {name} main\n' for name in (suite, f'{suite}-updates') if name in uris]
    return uris[suite], ''.join(lines)


def apt_proxies():
    dump = subprocess.run(['apt-config', 'dump', 'Acquire'], check=True, capture_output=True, text=True).stdout
    return ''.join(f'{line}\n' for line in dump.split('\n') if re.match(r'Acquire::https?::', line))


def remove_tree(path):
    if not os.path.lexists(path):
        return
    if any(line.split()[4].startswith(f'{path}/') for line in open('/proc/self/mountinfo')):
        raise SystemExit(f'Something is mounted below {path}: it stays where it is.')
    run('rm', '-rf', '--one-file-system', path)


def deny_services(root):
    """Keeps maintainer scripts from starting services in the root."""
    with open(f'{root}/usr/sbin/policy-rc.d', 'w') as file:
        file.write('#!/bin/sh\nexit 101\n')
    os.chmod(f'{root}/usr/sbin/policy-rc.d', 0o755)


def in_root(root, script, log):
    run(ENTER, root, 'sh', '-ec', script, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


@contextlib.contextmanager
def fresh(root, work):
    """An overlay on a pristine root, thrown away afterwards. What is written goes to memory."""
    base = tempfile.mkdtemp(prefix='overlay-', dir=work)
    run('mount', '-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', base)
    try:
        for name in ('upper', 'work', 'root'):
            os.mkdir(f'{base}/{name}')
        run('mount', '-t', 'overlay', '-o', f'lowerdir={root},upperdir={base}/upper,workdir={base}/work',
            'overlay', f'{base}/root')
        deny_services(f'{base}/root')
        yield f'{base}/root'
    finally:
        run('umount', '--recursive', base)
        os.rmdir(base)


class Roots:
    """Pristine roots below a work folder: made when first asked for, kept for a day (then the archive may differ)."""

    def __init__(self, work, suite, recommends):
        """RECOMMENDS is what apt in the roots is set to. They themselves are made without."""
        self.work, self.suite, self.recommends = work, suite, recommends
        stamp = f'{work}/made'
        if not os.path.exists(stamp) or time.time() - os.path.getmtime(stamp) > KEEP_SECONDS:
            for kind in ('roots', 'debs'):
                remove_tree(f'{work}/{kind}')
                os.makedirs(f'{work}/{kind}')
            open(stamp, 'w').close()

    def pristine(self, set_name, architecture):
        path = self._path('roots', set_name, architecture)
        if not os.path.isdir(path):
            self._make(path, set_name, architecture)
        return path

    def debs(self, set_name, from_architecture, to_architecture):
        """Folder with the TO builds of all architecture-dependent packages of the FROM root."""
        path = self._path('debs', set_name, to_architecture)
        if not os.path.isdir(path):
            self._download(path, set_name, from_architecture, to_architecture)
        return path

    def _path(self, kind, set_name, architecture):
        recommends = '-recommends' if self.recommends else ''
        return f'{self.work}/{kind}/{self.suite}-{architecture}-{set_name.replace(" ", "")}{recommends}'

    def _make(self, path, set_name, architecture):
        print(f'Making a root: {set_name}, {architecture}', flush=True)
        mirror, sources = apt_sources(self.suite)
        new = f'{path}.new'
        remove_tree(new)
        with open(f'{path}.log', 'w') as log:
            if SETS[set_name]:
                run('cp', '-a', self.pristine('minimal', architecture), new)
                deny_services(new)
                names = SETS[set_name] if architecture == OLD else map(counterpart, SETS[set_name])
                in_root(new, f'apt-get install -y --no-install-recommends {" ".join(names)}', log)
            else:
                run('debootstrap', f'--arch={architecture}', '--variant=minbase', self.suite, new, mirror,
                    stdout=log, stderr=log)
                with open(f'{new}/etc/apt/sources.list', 'w') as file:
                    file.write(sources)
                with open(f'{new}/etc/apt/apt.conf.d/90bench', 'w') as file:
                    file.write(f'APT::Install-Recommends "{"true" if self.recommends else "false"}";\n{apt_proxies()}')
                deny_services(new)
                in_root(new, 'apt-get update; apt-get dist-upgrade -y', log)
            in_root(new, 'apt-get clean', log)
        os.remove(f'{new}/usr/sbin/policy-rc.d')
        os.rename(new, path)

    def _download(self, path, set_name, from_architecture, to_architecture):
        names = sorted(counterpart(name) for name, architecture in installed(self.pristine(set_name, from_architecture))
                       if architecture == from_architecture)
        print(f'Downloading {len(names)} packages: {set_name}, {to_architecture}', flush=True)
        new = f'{path}.new'
        remove_tree(new)
        os.mkdir(new)
        with open(f'{path}.log', 'w') as log, fresh(self.pristine(set_name, to_architecture), self.work) as root:
            os.mkdir(f'{root}/debs')
            in_root(root, 'cd /debs && apt-get -o APT::Sandbox::User=root download ' +
                    ' '.join(f'{name}:{to_architecture}' for name in names), log)
            for file in os.listdir(f'{root}/debs'):
                shutil.copy(f'{root}/debs/{file}', new)
        os.rename(new, path)


def stanzas(path):
    with open(path, encoding='utf-8') as file:
        for text in file.read().split('\n\n'):
            if text.strip():
                yield dict(re.findall(r'^([\w-]+): (.*)$', text, re.MULTILINE))


def packages(root):
    """All (name, architecture, state) that dpkg knows of; state as in `dpkg-query -f '${db:Status-Status}'`."""
    return [(stanza['Package'], stanza['Architecture'], stanza['Status'].split()[2])
            for stanza in stanzas(f'{root}/var/lib/dpkg/status')]


def installed(root):
    return {(name, architecture) for name, architecture, state in packages(root) if state == 'installed'}


def automatic(root):
    """Names that apt considers automatically installed."""
    path = f'{root}/var/lib/apt/extended_states'
    if not os.path.exists(path):
        return set()
    return {stanza['Package'] for stanza in stanzas(path) if stanza.get('Auto-Installed') == '1'}
