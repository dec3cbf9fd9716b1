#!/usr/bin/env node
// Bundles the program into one file that runs on Debian 12's Node 18, with nothing installed beside it, and writes down
// which npm packages are in it: node scripts/build.mjs [FOLDER]   (default: dist)
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { dependenciesOf } from './dependencies.mjs';
import { guestScripts } from './guest-text.mjs';

const top = dirname(dirname(fileURLToPath(import.meta.url)));
const [folder = join(top, 'dist')] = process.argv.slice(2);
const outfile = join(resolve(folder), 'crossgrade.mjs');

// Some dependencies are CommonJS and call require() for Node's own modules, which an ES module does not have.
const banner = [
  '#!/usr/bin/env node',
  "import { createRequire as __createRequire } from 'node:module';",
  'const require = __createRequire(import.meta.url);',
].join('\n');

// crossgrade never opens an editor; inquirer could, and would bring half a megabyte of character sets along for it.
const withoutEditor = {
  name: 'without-editor',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@inquirer\/external-editor$/ }, ({ path }) => ({ path, namespace: 'unused' }));
    onLoad({ filter: /.*/, namespace: 'unused' }, () => ({ contents: 'export const editAsync = undefined;' }));
  },
};

await mkdir(dirname(outfile), { recursive: true });
const { metafile } = await build({
  // Paths in the bundle's comments are relative to this: the same bytes come out in whatever folder it is built.
  absWorkingDir: top,
  entryPoints: ['src/main.ts'],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node18',
  banner: { js: banner },
  minify: false,
  sourcemap: false,
  charset: 'utf8',
  legalComments: 'inline',
  plugins: [withoutEditor, guestScripts],
  metafile: true,
  logLevel: 'warning',
});
await chmod(outfile, 0o755);

const listed = { format: 'crossgrade-dependencies-1', dependencies: dependenciesOf(metafile, top) };
await writeFile(join(dirname(outfile), 'crossgrade.dependencies.json'), `${JSON.stringify(listed, null, 2)}\n`);
