/**
 * How long the scan for programs and data outside packages takes, on a warm cache.
 *
 * npm run bench:scan [-- FILES [FOLDER]]: makes so many small files (a million) in a folder of its own below FOLDER (a
 * temporary one), looks at them twice, tells the second time, and takes them away again.
 */
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromSource } from './from-source.mjs';

const [count = '1000000', folder = tmpdir()] = process.argv.slice(2);
const place = mkdtempSync(join(folder, 'crossgrade-scan-'));

try {
  const { findPair, recogniseFile, scanFolders } = await fromSource({
    findPair: 'src/debian/architecture.ts',
    recogniseFile: 'src/software/recognise-file.ts',
    scanFolders: 'src/machine/files/scan.ts',
  });

  const files = join(place, 'files');
  makeFiles(files, Number(count));
  const pair = findPair('i386', 'amd64');
  for (const turn of ['first', 'warm']) {
    let looked = 0;
    const recognise = (head, path) => {
      looked += 1;
      return recogniseFile(head, path, pair);
    };
    const options = { skip: new Set(), prune: new Set(), otherFilesystems: true, recognise };
    const started = performance.now();
    const before = process.cpuUsage();
    const { found } = await scanFolders([{ path: files, host: files }], options, '/');
    const { user, system } = process.cpuUsage(before);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const cpuSeconds = ((user + system) / 1e6).toFixed(1);
    const mebibytes = Math.round(process.memoryUsage.rss() / 2 ** 20);
    const told = `${looked} files, ${found.length} of them programs`;
    process.stdout.write(`${turn}: ${told}, in ${seconds} s (${cpuSeconds} s of CPU), ${mebibytes} MiB\n`);
  }
} finally {
  rmSync(place, { recursive: true });
}

/** Fifty in a folder, as in a tree of sources or of node_modules; one in a thousand is a 32-bit program. */
function makeFiles(base, total) {
  const text = Buffer.from('Forty letters of text, or a few more.....');
  const program = Buffer.alloc(64);
  program.write('\x7fELF\x01\x01\x01', 'latin1');
  program.writeUInt16LE(2, 16);
  program.writeUInt16LE(3, 18);
  for (let index = 0; index < total; index += 1) {
    const inner = join(base, String(Math.floor(index / 10_000)), String(Math.floor(index / 50)));
    if (index % 50 === 0) mkdirSync(inner, { recursive: true });
    const file = openSync(join(inner, `file-${index}`), 'w');
    writeSync(file, index % 1000 === 0 ? program : text);
    closeSync(file);
  }
}
