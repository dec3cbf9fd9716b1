"""Runs a command on a terminal of its own and tells what it and all its descendants cost.

    meter.py --result FILE --log FILE [--answer PATTERN REPLY]... -- COMMAND...

CPU time is that of a cgroup (version 2, no controller needed), which also counts what daemonizes, changes its
parent or dies in a pid namespace of its own. `waitedCpuSeconds` is the kernel's other sum (rusage of the children
that were waited for), as a cross-check: it misses what is killed with its pid namespace.
`largestProcessMiB` starts at about 12: a child of ours is a copy of this program until it executes the command.
"""
import argparse
import ctypes
import fcntl
import json
import os
import pty
import re
import resource
import select
import signal
import struct
import sys
import termios
import time

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
POLL_SECONDS = 0.05
STRAGGLER_SECONDS = 60
TERMINAL_ROWS, TERMINAL_COLUMNS = 40, 120


class Cgroup:
    """A fresh cgroup below the root of the version 2 hierarchy."""

    def __init__(self):
        mounts = [line.split() for line in open('/proc/self/mountinfo')]
        points = [fields[4] for fields in mounts if fields[fields.index('-') + 1] == 'cgroup2']
        if not points:
            sys.exit('No cgroup version 2 hierarchy is mounted: CPU time of detached programs could not be counted.')
        self.path = f'{points[0]}/crossgrade-bench-{os.getpid()}'
        os.mkdir(self.path)

    def enter(self):
        self._write('cgroup.procs', '0')

    def cpu_seconds(self):
        stat = dict(line.split() for line in open(f'{self.path}/cpu.stat'))
        return {key: int(stat[f'{key}_usec']) / 1e6 for key in ('usage', 'user', 'system')}

    def processes(self):
        return [int(line) for line in open(f'{self.path}/cgroup.procs')]

    def kill(self):
        self._write('cgroup.kill', '1')

    def remove(self):
        os.rmdir(self.path)

    def _write(self, name, text):
        with open(f'{self.path}/{name}', 'w') as file:
            file.write(text)


class Terminal:
    """The master's side of the terminal: copies output to a log and answers questions."""

    def __init__(self, fd, log, answers):
        self.fd, self.log, self.tail = fd, log, b''
        self.answers = [(re.compile(pattern.encode()), reply.encode() + b'\n') for pattern, reply in answers]

    def pump(self, timeout):
        if not select.select([self.fd], [], [], timeout)[0]:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError:  # EIO: nobody has the other side open
            time.sleep(timeout)
            return False
        self.log.write(data)
        self.tail = (self.tail + data)[-400:]
        for pattern, reply in self.answers:
            if pattern.search(self.tail):
                self.tail = b''
                os.write(self.fd, reply)
        return True


def peak_memory_kib(pid):
    """The kernel's high-water mark of a living process, or 0."""
    try:
        for line in open(f'/proc/{pid}/status'):
            if line.startswith('VmHWM:'):
                return int(line.split()[1])
    except (FileNotFoundError, ProcessLookupError):
        pass
    return 0


def own_cpu_seconds(pid):
    """CPU time of one process and its threads, without its children; also works for a zombie."""
    fields = open(f'/proc/{pid}/stat').read().rpartition(')')[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def reap():
    """Reaps whatever was handed to us. Returns False when no child is left."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
        return True
    except ChildProcessError:
        return False


def measure(command, log, answers):
    prctl = ctypes.CDLL(None).prctl
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)  # a killed benchmark leaves nothing running
    cgroup = Cgroup()
    start = time.monotonic()
    pid, fd = pty.fork()
    if pid == 0:
        try:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack('HHHH', TERMINAL_ROWS, TERMINAL_COLUMNS, 0, 0))
            cgroup.enter()
            os.execvp(command[0], command)
        except OSError as error:
            print(error)
        os._exit(127)

    terminal = Terminal(fd, log, answers)
    own_peak_kib = 0
    try:
        while not os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            terminal.pump(POLL_SECONDS)
            own_peak_kib = max(own_peak_kib, peak_memory_kib(pid))
        wall = time.monotonic() - start
        own_cpu = own_cpu_seconds(pid)
        status = os.waitpid(pid, 0)[1]

        deadline = time.monotonic() + STRAGGLER_SECONDS
        while (reap() or cgroup.processes()) and time.monotonic() < deadline:
            terminal.pump(POLL_SECONDS)
        stragglers = [open(f'/proc/{straggler}/comm').read().strip() for straggler in cgroup.processes()]
        while terminal.pump(0):
            pass
    finally:
        cgroup.kill()
        while cgroup.processes() or reap():
            time.sleep(POLL_SECONDS)
        cpu = cgroup.cpu_seconds()
        cgroup.remove()

    waited = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        'exitCode': os.waitstatus_to_exitcode(status),
        'cpuSeconds': cpu['usage'],
        'userSeconds': cpu['user'],
        'systemSeconds': cpu['system'],
        'waitedCpuSeconds': waited.ru_utime + waited.ru_stime,
        'wallSeconds': wall,
        'ownCpuSeconds': own_cpu,
        'ownPeakMiB': own_peak_kib / 1024,
        'largestProcessMiB': waited.ru_maxrss / 1024,
        'leftRunning': stragglers,
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--result', required=True)
    parser.add_argument('--log', required=True)
    parser.add_argument('--answer', nargs=2, action='append', default=[])
    parser.add_argument('command', nargs='+')
    args = parser.parse_args()
    with open(args.log, 'wb', buffering=0) as log:
        result = measure(args.command, log, args.answer)
    with open(args.result, 'w') as file:
        json.dump(result, file)


if __name__ == '__main__':
    main()
