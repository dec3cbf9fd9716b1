"""Checks that the meter loses no CPU time: programs that burn a known amount of it, in ways that are easy to miss."""
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SECONDS = 1
TOLERANCE_SECONDS = (-0.05, 0.5)

BURNER = f"""
import os, sys, time
while time.process_time() < {SECONDS}: pass
open(os.environ['BURNT'], 'w')
time.sleep(float(sys.argv[1]))
"""
BURN = f'{sys.executable} -c "$BURNER" 0'
BURN_AND_STAY = f'{sys.executable} -c "$BURNER" 600'
UNTIL_BURNT = 'until [ -e "$BURNT" ]; do sleep 0.1; done'
CASES = {
    'child': BURN,
    'detached, outlives its parent': f"setsid --fork sh -c '{BURN} &' >/dev/null 2>&1; sleep 0.2",
    'parent ignores its children': f"env --ignore-signal=CHLD sh -c '{BURN} & {UNTIL_BURNT}; sleep 0.2'",
    'pid namespace whose init is killed':
        f"unshare --pid --fork --kill-child sh -c '{BURN_AND_STAY} & sleep 600' & {UNTIL_BURNT}; kill -9 $!; wait",
}


def measured(script):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, f'{HERE}/meter.py', '--result', f'{folder}/result.json',
                        '--log', f'{folder}/log', '--', 'sh', '-c', script],
                       check=True, env={**os.environ, 'BURNER': BURNER, 'BURNT': f'{folder}/burnt'})
        with open(f'{folder}/result.json') as file:
            return json.load(file)


def check_meter():
    for name, script in CASES.items():
        result = measured(script)
        difference = result['cpuSeconds'] - SECONDS
        print(f'  {name}: {SECONDS} s burnt, {result["cpuSeconds"]:.2f} s measured'
              f' (by wait: {result["waitedCpuSeconds"]:.2f} s)', flush=True)
        if not TOLERANCE_SECONDS[0] <= difference <= TOLERANCE_SECONDS[1]:
            sys.exit(f'The meter is wrong for: {name}')


if __name__ == '__main__':
    check_meter()
