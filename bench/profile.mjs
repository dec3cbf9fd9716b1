// Prints the packages of a ready-made sandbox, one a line: node bench/profile.mjs ARCHITECTURE NAME
import { fromSource } from './from-source.mjs';

const { profilesOf } = await fromSource({ profilesOf: 'src/cli/arguments/profiles.ts' });
const [architecture, name] = process.argv.slice(2);
process.stdout.write(`${profilesOf(architecture)[name].join('\n')}\n`);
