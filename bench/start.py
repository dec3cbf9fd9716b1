#!/usr/bin/env python3
"""What the start of the program costs beside that of Node alone: npm run bench:start [-- ROUNDS [NODE...]]

CPU time of processes that are started by turns, so that whatever else the machine does meets all of them; the least of
all rounds is what was least disturbed. NODE... is how Node is started, where it is not the one in PATH: the package's
own is `.../ld-linux.so.2 --library-path ... .../node`. Fails above 1.5 times Node's own time.
"""
import os
import resource
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUNDLE = f'{TOP}/dist/crossgrade.mjs'
MOST = 1.5


def cpu_seconds(argv):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 25
    node = sys.argv[2:] or ['node']
    commands = {
        'node -e 0': [*node, '-e', '0'],
        'crossgrade --version': [*node, BUNDLE, '--version'],
        'crossgrade status': [*node, BUNDLE, 'status'],
    }
    least = {name: float('inf') for name in commands}
    for _ in range(rounds):
        for name, argv in commands.items():
            least[name] = min(least[name], cpu_seconds(argv))
    alone = least['node -e 0']
    for name, seconds in least.items():
        print(f'{name:22} {seconds * 1000:6.0f} ms  {seconds / alone:.2f}')
    return 1 if max(least.values()) > MOST * alone else 0


if __name__ == '__main__':
    sys.exit(main())
