import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { architecturePairs } from '../../../src/debian/architecture.ts';
import { modulePlaces, nssModules, pamModules } from '../../../src/files/login-modules.ts';

const [pair] = architecturePairs;

/** Programs that let somebody in, or change who one is. */
const gates = ['bin/login', 'bin/su', 'usr/sbin/sshd', 'usr/sbin/cron', 'usr/bin/passwd', 'usr/bin/sudo'];

/**
 * Modules of PAM and NSS that configuration names, that are there for one class, and not for another one of which there
 * is a program that lets people in.
 */
export function missingModules(directory: string): string[] {
  if (pair === undefined) throw new Error('no architectures');
  const inRoot = (path: string) => join(directory, path);
  const text = (path: string) => (existsSync(inRoot(path)) ? readFileSync(inRoot(path), 'utf8') : '');
  const pamd = readdirSync(inRoot('etc/pam.d')).map((name) => `/etc/pam.d/${name}`);
  const named = [
    ...pamModules(Object.fromEntries(['/etc/pam.conf', ...pamd].map((path) => [path, text(path)]))),
    ...nssModules(text('/etc/nsswitch.conf')),
  ];
  const programs = gates.filter((path) => existsSync(inRoot(path)));
  // Byte 4 of an ELF file is its class: 1 for 32 bit, 2 for 64.
  const classes = new Set(programs.map((path) => readFileSync(inRoot(path))[4]));
  if (programs.length < 3 || named.length < 5) throw new Error('There is nothing to look at');
  const triplets = [...(classes.has(1) ? [pair.source.triplet] : []), ...(classes.has(2) ? [pair.target.triplet] : [])];
  const isThere = (module: (typeof named)[number], triplet: string) =>
    modulePlaces(module, triplet).some((path) => existsSync(inRoot(path)));
  return named
    .filter((module) => [pair.source.triplet, pair.target.triplet].some((triplet) => isThere(module, triplet)))
    .flatMap((module) => triplets.filter((triplet) => !isThere(module, triplet)).map((one) => `${module.name} ${one}`));
}
