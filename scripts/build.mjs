#!/usr/bin/env node
// Bundles the program into one file that runs on Debian 12's Node 18, with nothing installed beside it.
import { chmod, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const top = dirname(dirname(fileURLToPath(import.meta.url)));
const outfile = join(top, 'dist', 'crossgrade.mjs');

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
await build({
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
  plugins: [withoutEditor],
  logLevel: 'warning',
});
await chmod(outfile, 0o755);
