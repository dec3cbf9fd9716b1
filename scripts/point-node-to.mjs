#!/usr/bin/env node
// Debian's libnode reads five of Node's own modules from /usr/share/nodejs, which a system without nodejs lacks.
// Lets it read them elsewhere: node scripts/point-node-to.mjs LIBNODE FOLDER
// Prints, for each, where it was and its file name in FOLDER. A path in the library keeps its length: slashes fill it.
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';

const [library, folder] = process.argv.slice(2);
const bytes = readFileSync(library);
const found = new Set(bytes.toString('latin1').match(/\/usr\/share\/nodejs\/[\w./-]+\.js(?=\0)/g));
if (found.size === 0) throw new Error(`${library} names no modules in /usr/share/nodejs: look how it finds them now`);
for (const [index, path] of [...found].sort().entries()) {
  // Two of them have the same name.
  const short = `${index}-${basename(path)}`;
  const fill = path.length - folder.length - short.length;
  if (fill < 1) throw new Error(`${folder}/${short} is longer than ${path}`);
  const old = Buffer.from(`${path}\0`, 'latin1');
  const replacement = Buffer.from(`${folder}${'/'.repeat(fill)}${short}\0`, 'latin1');
  for (let at = bytes.indexOf(old); at !== -1; at = bytes.indexOf(old, at)) replacement.copy(bytes, at);
  console.log(`${path} ${short}`);
}
writeFileSync(library, bytes);
