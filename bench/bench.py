"""Compares what a crossgrade costs: crossgrade, Debian's crossgrader, and a lower bound.

All start from the same i386 root of this machine's suite, interleaved, each time on a fresh overlay whose upper layer
is in memory.
  ours         crossgrade run, from outside the root
  crossgrader  Debian's tool in the root, all three stages (see crossgrader.sh)
  bound        no crossgrade at all: the 64-bit builds of the root's architecture-dependent packages, downloaded
               beforehand, given to one `dpkg --unpack` and one `dpkg --configure -a` in a 64-bit root that has the
               same packages already
crossgrader needs itself and its dependencies in the root, so there are several package sets, and only equal sets are
compared. apt in the roots is told not to install recommended packages: without that crossgrader adds some, and pays
for them (--recommends). Only the server has a kernel. ours and crossgrader download during the measured time; bound
does not.
"""
import argparse
import json
import os
import re
import shlex
import statistics
import subprocess
import sys
import tempfile

from check_meter import check_meter
from roots import ENTER, HERE, NEW, OLD, SETS, Roots, automatic, counterpart, fresh, host_suite, installed, packages, run

OUR_COMMAND = 'node dist/crossgrade.mjs run --root {root} --yes'
CONTENDERS = {  # crossgrader cannot convert the server
    'minimal': ['ours', 'bound'],
    'minimal + crossgrader': ['ours', 'crossgrader', 'bound'],
    'server': ['ours', 'bound'],
}
USUAL_SETS = ['minimal', 'minimal + crossgrader']
METRICS = [  # key, title, format
    ('cpuSeconds', 'CPU s', '.1f'),
    ('wallSeconds', 'wall s', '.1f'),
    ('dpkgCalls', 'dpkg calls', '.0f'),
    ('initramfsBuilds', 'initramfs builds', '.0f'),
    ('largestProcessMiB', 'largest process MiB', '.0f'),
    ('ownCpuSeconds', 'own CPU s', '.1f'),
    ('ownPeakMiB', 'own peak MiB', '.0f'),
]
CROSSGRADER_ANSWERS = [
    (r'Do you want to continue \[y/N\]\? $', 'y'),
    (r'Remove prerm script and try again \[Y/n\]\? $', 'y'),
    (r'\(Y/I/N/O/D/Z\) \[default=N\] \? $', ''),
    (r'Do you want to continue\? \[Y/n\] $', 'y'),
    (r"'Yes, do as I say!'\s+\?\] $", 'abort'),
]


def dpkg_calls(root):
    """dpkg notes a `startup` line for each call that unpacks, configures or removes."""
    try:
        return len(re.findall(r'^\S+ \S+ startup ', open(f'{root}/var/log/dpkg.log').read(), re.MULTILINE))
    except FileNotFoundError:
        return 0


BUILDS = 'var/tmp/bench-initramfs-builds'


def count_initramfs_builds(root):
    """mkinitramfs runs its hooks in each build, also in one that fails later on."""
    hook = f'{root}/etc/initramfs-tools/hooks/bench'
    os.makedirs(os.path.dirname(hook), exist_ok=True)
    with open(hook, 'w') as file:
        file.write(f'#!/bin/sh\n[ "$1" = prereqs ] || echo build >> /{BUILDS}\n')
    os.chmod(hook, 0o755)


def initramfs_builds(root):
    path = f'{root}/{BUILDS}'
    return open(path).read().count('build') if os.path.exists(path) else 0


def end_state(root, before, automatic_before):
    names_before = {counterpart(name) for name, _ in before}
    after = installed(root)
    names_after = {name for name, _ in after}
    marked_before = {counterpart(name) for name in automatic_before}
    arch_file = f'{root}/var/lib/dpkg/arch'
    return {
        'lost': sorted(names_before - names_after),
        'added': sorted(names_after - names_before),
        'left32': sorted(name for name, architecture in after if architecture == OLD),
        'unfinished': sorted(f'{name}:{architecture} {state}' for name, architecture, state in packages(root)
                             if state not in ('installed', 'config-files', 'not-installed')),
        'lostAutomaticMarks': sorted((marked_before - automatic(root)) & names_after),
        'gainedAutomaticMarks': sorted((automatic(root) - marked_before) & names_before),
        'architectures': open(arch_file).read().split() if os.path.exists(arch_file) else [],
    }


def measure_once(contender, set_name, roots, our_command, log_path):
    architecture = NEW if contender == 'bound' else OLD
    with fresh(roots.pristine(set_name, architecture), roots.work) as root:
        answers = []
        if contender == 'ours':
            os.remove(f'{root}/usr/sbin/policy-rc.d')  # brings its own
            command = shlex.split(our_command.format(root=shlex.quote(root)))
        elif contender == 'crossgrader':
            answers = CROSSGRADER_ANSWERS
            command = [ENTER, root, 'sh', '-c', open(f'{HERE}/crossgrader.sh').read()]
        else:
            debs = roots.debs(set_name, OLD, NEW)
            run('mount', '--bind', '-o', 'ro', debs, f'{root}/mnt')
            command = [ENTER, root, 'sh', '-c', 'dpkg --unpack /mnt/*.deb && dpkg --configure -a']

        count_initramfs_builds(root)
        before, automatic_before, calls_before = installed(root), automatic(root), dpkg_calls(root)
        with tempfile.NamedTemporaryFile('r', suffix='.json') as result_file:
            run(sys.executable, f'{HERE}/meter.py', '--result', result_file.name, '--log', log_path,
                *[word for answer in answers for word in ('--answer', *answer)], '--', *command)
            result = json.load(result_file)
        if contender != 'ours':  # unshare and sh
            del result['ownCpuSeconds'], result['ownPeakMiB']
        result['dpkgCalls'] = dpkg_calls(root) - calls_before
        result['initramfsBuilds'] = initramfs_builds(root)
        result['endState'] = end_state(root, before, automatic_before)
        return result


def complaints(result):
    """What is not as it should be after a run, in words; empty when all is well."""
    end = result['endState']
    counted = [('lost', 'packages lost'), ('added', 'packages added'), ('left32', '32-bit packages left'),
               ('unfinished', 'packages unfinished'), ('lostAutomaticMarks', 'automatic marks lost'),
               ('gainedAutomaticMarks', 'automatic marks gained')]
    words = [f'{len(end[key])} {what}' for key, what in counted if end[key]]
    if result['exitCode']:
        words.insert(0, f'exit code {result["exitCode"]}')
    if result['leftRunning']:
        words.append(f'left running: {", ".join(result["leftRunning"])}')
    return words


def medians(results):
    return {key: statistics.median(result[key] for result in results)
            for key, _, _ in METRICS if key in results[0]}


def table(rows):
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ['| ' + ' | '.join(cell.ljust(width) for cell, width in zip(row, widths)) + ' |' for row in rows]
    return '\n'.join([lines[0], '|' + '|'.join('-' * (width + 2) for width in widths) + '|', *lines[1:]])


def report(set_name, runs, size):
    """The table of one package set, and the ratios below it."""
    rows = [['', *[title for _, title, _ in METRICS], 'end state']]
    middle = {contender: medians(results) for contender, results in runs.items()}
    for contender, results in runs.items():
        found = sorted({'; '.join(complaints(result)) or 'complete' for result in results})
        cells = [format(middle[contender][key], form) if key in middle[contender] else '' for key, _, form in METRICS]
        rows.append([contender, *cells, ' / '.join(found)])
    ratios = {f'{first} / {second}': {key: middle[first][key] / middle[second][key]
                                      for key in ('cpuSeconds', 'wallSeconds', 'dpkgCalls')}
              for first, second in (('ours', 'bound'), ('ours', 'crossgrader'), ('crossgrader', 'bound'))
              if first in middle and second in middle}
    for name, values in ratios.items():
        rows.append([name, *[f'{values[key]:.2f}' if key in values else '' for key, _, _ in METRICS], ''])
    rounds = len(next(iter(runs.values())))
    print(f'\n{set_name}: {size["packages"]} packages, {size["architectureDependent"]} of them '
          f'architecture-dependent; medians of {rounds}\n\n{table(rows)}')
    return {'size': size, 'medians': middle, 'ratios': ratios, 'runs': runs}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--only', default='ours,crossgrader,bound', help='contenders, separated by commas')
    parser.add_argument('--sets', default=','.join(USUAL_SETS),
                        help=f'package sets, of: {", ".join(SETS)} (%(default)s)')
    parser.add_argument('--command', default=OUR_COMMAND, help='ours; {root} is the root to convert (%(default)s)')
    parser.add_argument('--suite', default=host_suite(), help='default: that of this machine')
    parser.add_argument('--recommends', action='store_true', help="leave apt's default in the roots")
    parser.add_argument('--work', default='/var/tmp/crossgrade-bench', help='keeps roots, packages, logs and results')
    args = parser.parse_args()

    chosen = args.only.split(',')
    if not {'ours', 'crossgrader', 'bound'}.issuperset(chosen) or not set(SETS).issuperset(args.sets.split(',')):
        parser.error('unknown contender or package set')
    contenders = {name: [who for who in CONTENDERS[name] if who in chosen] for name in args.sets.split(',')}
    contenders = {name: who for name, who in contenders.items() if who}
    if 'ours' in chosen and args.command == OUR_COMMAND:
        run('npm', 'run', '--silent', 'build')

    print('Checking the meter', flush=True)
    check_meter()
    roots = Roots(os.path.abspath(args.work), args.suite, args.recommends)
    os.makedirs(f'{args.work}/logs', exist_ok=True)
    for name, who in contenders.items():
        roots.pristine(name, OLD)
        if 'bound' in who:
            roots.debs(name, OLD, NEW)

    runs = {name: {contender: [] for contender in who} for name, who in contenders.items()}
    for number in range(1, args.rounds + 1):
        for name, who in contenders.items():
            for contender in who:
                log = f'{args.work}/logs/{number}-{name.replace(" ", "")}-{contender}.log'
                result = measure_once(contender, name, roots, args.command, log)
                runs[name][contender].append(result)
                print(f'Round {number}, {name}, {contender}: {result["cpuSeconds"]:.1f} CPU s, '
                      f'{result["wallSeconds"]:.1f} s; {"; ".join(complaints(result)) or "complete"}', flush=True)

    results = {}
    for name in contenders:
        before = installed(roots.pristine(name, OLD))
        size = {'packages': len(before), 'architectureDependent': sum(arch == OLD for _, arch in before)}
        results[name] = report(name, runs[name], size)
    path = f'{args.work}/results.json'
    with open(path, 'w') as file:
        json.dump({'suite': args.suite, 'from': OLD, 'to': NEW, 'cores': os.cpu_count(), 'rounds': args.rounds,
                   'recommends': args.recommends, 'command': args.command, 'sets': results}, file, indent=2)
    print(f'\nAll values: {path}')
    if any(complaints(result) for sets in runs.values() for who, all_runs in sets.items() if who != 'crossgrader'
           for result in all_runs):
        sys.exit('A run of ours or of the lower bound did not end as it should.')


if __name__ == '__main__':
    main()
