import { spawn } from 'node:child_process';

/** Locks a file as apt and dpkg do, with fcntl(2). @returns how to let go of it */
export async function holdLock(file: string): Promise<() => Promise<void>> {
  const script =
    'use Fcntl; my $lock = pack("s s x4 q q i x4", F_WRLCK, 0, 0, 0, 0); open(F, "+>>", $ARGV[0]) or die; ' +
    'fcntl(F, F_SETLK, $lock) or die; $| = 1; print "locked\\n"; <STDIN>;';
  const holder = spawn('perl', ['-e', script, file], { stdio: ['pipe', 'pipe', 'inherit'] });
  await new Promise<void>((done, fail) => {
    holder.stdout.once('data', () => done());
    holder.once('exit', () => fail(new Error(`${file} could not be locked`)));
  });
  return async () => {
    holder.stdin.end();
    if (holder.exitCode === null) await new Promise((done) => holder.once('exit', done));
  };
}
