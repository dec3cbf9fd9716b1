#!/usr/bin/env node
// Bundles the program into one file that runs on Debian 12's Node 18, with nothing installed beside it, and writes down
// which npm packages are in it: node scripts/build.mjs [FOLDER]   (default: dist)
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { dependenciesOf } from './dependencies.mjs';
import { guestScripts } from './guest-text.mjs';
import { joinParts } from './lazy-parts.mjs';

const top = dirname(dirname(fileURLToPath(import.meta.url)));
const [folder = join(top, 'dist')] = process.argv.slice(2);
const outfile = join(resolve(folder), 'crossgrade.mjs');

// crossgrade never opens an editor; inquirer could, and would bring half a megabyte of character sets along for it.
const withoutEditor = {
  name: 'without-editor',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@inquirer\/external-editor$/ }, ({ path }) => ({ path, namespace: 'unused' }));
    onLoad({ filter: /.*/, namespace: 'unused' }, () => ({ contents: 'export const editAsync = undefined;' }));
  },
};

// Of its two builds, that for Node cannot be taken apart: all of it would come along for a few functions.
const rxjsInParts = {
  name: 'rxjs-in-parts',
  setup({ onResolve }) {
    onResolve({ filter: /^rxjs$/ }, () => ({
      path: join(top, 'node_modules/rxjs/dist/esm/index.js'),
      sideEffects: false,
    }));
  },
};

await mkdir(dirname(outfile), { recursive: true });
const { metafile, outputFiles } = await build({
  // Paths in the bundle's comments are relative to this: the same bytes come out in whatever folder it is built.
  absWorkingDir: top,
  entryPoints: ['src/main.ts'],
  outdir: dirname(outfile),
  write: false,
  bundle: true,
  splitting: true,
  chunkNames: '[name]-[hash]',
  platform: 'node',
  format: 'esm',
  target: 'node18',
  minify: false,
  sourcemap: false,
  legalComments: 'inline',
  plugins: [withoutEditor, guestScripts, rxjsInParts],
  metafile: true,
  logLevel: 'warning',
});
await writeFile(outfile, await joinParts(outputFiles, 'main.js'), { mode: 0o755 });

const listed = { format: 'crossgrade-dependencies-1', dependencies: dependenciesOf(metafile, top) };
await writeFile(join(dirname(outfile), 'crossgrade.dependencies.json'), `${JSON.stringify(listed, null, 2)}\n`);
