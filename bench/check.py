"""Compares what a dry-run report costs with what it cannot do without, and with Debian's crossgrader.

  check        crossgrade check --offline
  apt          apt alone: the same request, with the same lists, solved once by `apt-get --print-uris`, without caches
  crossgrader  crossgrader --dry-run in the same root; it looks at less, and changes nothing either

First on a recorded host of 1,371 packages. Its lists were cut down to what can be chosen, which would leave apt a tenth
of its usual work; for the benchmark they are replaced by whole ones, as every real host has them. crossgrader needs a
root, and comes in with one that it is installed in. Nothing is fetched during the measured time. The contenders take
turns. What counts is the ratio of the medians within one call.
"""
import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile

from check_meter import check_meter
from roots import ENTER, HERE, Roots, fresh, host_suite, in_root, installed, run

METRICS = [('wallSeconds', 'wall s', '.2f'), ('cpuSeconds', 'CPU s', '.2f'),
           ('ownPeakMiB', 'own peak MiB', '.0f'), ('largestProcessMiB', 'largest process MiB', '.0f')]
MOST_TIME, MOST_MIB = 1.5, 250
TOP = os.path.dirname(HERE)
FIXTURE = f'{TOP}/fixtures/recorded/bookworm-workstation'


def measure(command, log_path):
    with tempfile.NamedTemporaryFile('r', suffix='.json') as result_file:
        run(sys.executable, f'{HERE}/meter.py', '--result', result_file.name, '--log', log_path, '--', *command)
        return json.load(result_file)


def keep_request(root, folder, inside):
    run('node', f'{TOP}/scripts/run-support.mjs', 'same-request', root, folder, inside, cwd=TOP)
    return json.load(open(f'{folder}/request.json'))


def apt_alone(inside, request, enter=()):
    """Without the caches of an earlier call."""
    caches = [f'-o{key}=' for key in ('Dir::Cache::pkgcache', 'Dir::Cache::srcpkgcache')]
    return [*enter, 'apt-get', f'--config-file={inside}/apt.conf', *caches, '-qq', '--print-uris', 'install', *request]


def compare(title, contenders, rounds, work):
    results = {name: [] for name in contenders}
    for number in range(rounds + 1):
        for name, command in contenders.items():
            log = f'{work}/logs/check-{title.replace(" ", "-")}-{name}.log'
            result = measure(command, log)
            if result['exitCode'] not in (0, 3):
                sys.exit(f'{name} ended with exit code {result["exitCode"]}; its output is in {log}.')
            if number > 0:  # the first round fills the disk cache
                results[name].append(result)
    middle = {name: {key: statistics.median(one[key] for one in runs) for key, _, _ in METRICS}
              for name, runs in results.items()}
    print(f'\n{title}; medians of {rounds}\n')
    print('| | ' + ' | '.join(head for _, head, _ in METRICS) + ' |')
    print('|-' * (len(METRICS) + 1) + '|')
    for name, values in middle.items():
        print(f'| {name} | ' + ' | '.join(format(values[key], form) for key, _, form in METRICS) + ' |')
    for other in [name for name in middle if name != 'check']:
        ratio = {key: middle['check'][key] / middle[other][key] for key in ('wallSeconds', 'cpuSeconds')}
        print(f'| check / {other} | {ratio["wallSeconds"]:.2f} | {ratio["cpuSeconds"]:.2f} | | |')
    return middle


def with_whole_lists(fixture, root, folder):
    """A copy of FIXTURE that has the package lists of ROOT, under its own names for them."""
    shutil.copytree(fixture, folder)
    theirs, ours = (f'{place}/var/lib/apt/lists' for place in (root, f'{folder}/tree'))
    whole = {name.partition('_dists_')[2]: f'{theirs}/{name}' for name in os.listdir(theirs)}
    for name in os.listdir(ours):
        if name.endswith('_Packages.gz'):
            shutil.copyfile(whole[name.partition('_dists_')[2][:-len('.gz')]], f'{ours}/{name[:-len(".gz")]}')
            os.remove(f'{ours}/{name}')
    return folder


def complaints(title, middle):
    time = middle['check']['wallSeconds'] / middle['apt']['wallSeconds']
    memory = middle['check']['ownPeakMiB']
    if time > MOST_TIME:
        yield f'{title}: {time:.2f} times the time of apt alone, more than {MOST_TIME}'
    if memory > MOST_MIB:
        yield f'{title}: {memory:.0f} MiB, more than {MOST_MIB}'


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--fixture', default=FIXTURE, help='a recorded host (default: the workstation)')
    parser.add_argument('--root', help='an i386 root to lay an overlay on (default: a minimal one is made)')
    parser.add_argument('--suite', default=host_suite(), help='default: that of this machine')
    parser.add_argument('--work', default='/var/tmp/crossgrade-bench', help='keeps roots and logs')
    args = parser.parse_args()

    run('npm', 'run', '--silent', 'build', cwd=TOP)
    os.makedirs(f'{args.work}/logs', exist_ok=True)
    check_meter()
    ours = ['node', f'{TOP}/dist/crossgrade.mjs', 'check', '--offline', '--root']
    wrong = []

    roots = Roots(os.path.abspath(args.work), args.suite, False)
    pristine = args.root or roots.pristine('minimal + crossgrader', 'i386')
    with fresh(pristine, roots.work) as root:
        with open(f'{args.work}/logs/check-root.log', 'w') as log:
            in_root(root, 'dpkg --add-architecture amd64; apt-get update; '
                          'apt-get install -y --no-install-recommends crossgrader', log)
        os.remove(f'{root}/usr/sbin/policy-rc.d')
        with tempfile.TemporaryDirectory(dir='/var/tmp') as folder:
            os.chmod(folder, 0o755)
            host = with_whole_lists(args.fixture, root, f'{folder}/host')
            request = keep_request(host, f'{folder}/apt', f'{folder}/apt')
            title = f'{os.path.basename(os.path.normpath(args.fixture))} with whole lists'
            contenders = {'check': [*ours, host], 'apt': apt_alone(f'{folder}/apt', request)}
            wrong += complaints(title, compare(title, contenders, args.rounds, args.work))
        request = keep_request(root, f'{root}/var/same-request', '/var/same-request')
        title = f'root of {len(installed(root))} packages'
        contenders = {'check': [*ours, root],
                      'apt': apt_alone('/var/same-request', request, [ENTER, root]),
                      'crossgrader': [ENTER, root, 'crossgrader', '--dry-run', 'amd64']}
        wrong += complaints(title, compare(title, contenders, args.rounds, args.work))
    if wrong:
        sys.exit('\n' + '\n'.join(wrong))


if __name__ == '__main__':
    main()
