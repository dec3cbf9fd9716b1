import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { inRoot } from '../runs/conversion.ts';

/** What a repository on this machine has, and what it says of it. */
export interface Repository {
  readonly url: string;
  /** Line for a sources.list(5): it is trusted without a signature. */
  readonly source: string;
  read(path: string): Buffer;
  /** Replaces a file, without a word in the lists. */
  spoil(path: string, content: string | Buffer): void;
  /** Takes a file away. */
  remove(path: string): void;
  close(): Promise<void>;
}

/** Who is let in; it may also be asked as a proxy. */
export interface Gate {
  /** `user:password`, as it is; absent: everybody. */
  readonly login?: string;
  /** The same, of the proxy. */
  readonly proxyLogin?: string;
  /** How long an archive takes. */
  readonly archiveMs?: number;
  /** Told what is asked for, and of which bytes. */
  readonly onRequest?: (path: string, range: string | undefined) => void;
}

/** The package that the repository has, in every architecture asked for. */
export const packageName = 'crossgrade-test-tool';

export const archivePath = (architecture: string): string => `pool/${packageName}_1.0_${architecture}.deb`;
export const indexPath = (architecture: string): string => `dists/test/main/binary-${architecture}/Packages`;

/** Makes a repository of one small package, with the root's own dpkg-deb, and serves it to this machine alone. */
export async function serveRepository(
  directory: string,
  architectures: readonly string[],
  gate: Gate = {},
): Promise<Repository> {
  const folder = mkdtempSync(join(tmpdir(), 'crossgrade-repository-'));
  const write = await fill(folder, directory, architectures);
  const server = await serve(folder, gate);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    source: `deb [trusted=yes] ${url} test main\n`,
    read: (path) => readFileSync(join(folder, path)),
    spoil: write,
    remove: (path) => rmSync(join(folder, path)),
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      rmSync(folder, { recursive: true });
    },
  };
}

/** Makes the same in a folder of the root, `/srv/repository`, from where no server is needed to fetch it. */
export async function makeLocalRepository(directory: string, architectures: readonly string[]): Promise<void> {
  await fill(join(directory, 'srv/repository'), directory, architectures);
}

type Write = (path: string, content: string | Buffer) => void;

async function fill(folder: string, directory: string, architectures: readonly string[]): Promise<Write> {
  const write: Write = (path, content) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  const sums: string[] = [];
  for (const architecture of architectures) {
    const { control, archive } = await makePackage(directory, architecture);
    write(archivePath(architecture), archive);
    const index = `${control}Filename: ${archivePath(architecture)}\nSize: ${archive.length}\nSHA256: ${sha256(archive)}\n\n`;
    write(indexPath(architecture), index);
    const path = indexPath(architecture).slice('dists/test/'.length);
    sums.push(` ${sha256(index)} ${Buffer.byteLength(index)} ${path}`);
  }
  const head = ['Suite: test', 'Codename: test', 'Components: main', `Architectures: ${architectures.join(' ')}`];
  write('dists/test/Release', `${[...head, `Date: ${new Date().toUTCString()}`, 'SHA256:', ...sums].join('\n')}\n`);
  return write;
}

async function makePackage(directory: string, architecture: string): Promise<{ control: string; archive: Buffer }> {
  const folder = mkdtempSync(join(directory, 'tmp/package-'));
  try {
    const fields = ['Version: 1.0', `Architecture: ${architecture}`, 'Maintainer: Nobody <nobody@example.org>'];
    const control = `Package: ${packageName}\n${fields.join('\n')}\nDescription: package for tests\n`;
    mkdirSync(join(folder, 'tree/DEBIAN'), { recursive: true, mode: 0o755 });
    writeFileSync(join(folder, 'tree/DEBIAN/control'), control);
    const inside = folder.slice(directory.length);
    await inRoot(directory, ['dpkg-deb', '--build', '--root-owner-group', `${inside}/tree`, `${inside}/archive.deb`]);
    return { control, archive: readFileSync(join(folder, 'archive.deb')) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function serve(folder: string, { login, proxyLogin, archiveMs = 0, onRequest }: Gate): Promise<Server> {
  const lacks = (wanted: string | undefined, given: string | undefined): boolean =>
    wanted !== undefined && given !== `Basic ${Buffer.from(wanted).toString('base64')}`;
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const { authorization, range } = request.headers;
    onRequest?.(pathname, range);
    try {
      if (lacks(proxyLogin, request.headers['proxy-authorization'])) {
        response.writeHead(407, { 'proxy-authenticate': 'Basic realm="proxy"', 'content-length': 0 }).end();
      } else if (lacks(login, authorization)) {
        response.writeHead(401, { 'www-authenticate': 'Basic realm="test"', 'content-length': 0 }).end();
      } else {
        const content = readFileSync(join(folder, pathname));
        const from = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
        const part = from > 0 && { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` };
        const head = {
          'content-length': content.length - from,
          'last-modified': 'Sat, 01 Jan 2022 00:00:00 GMT',
          ...part,
        };
        const send = () => response.writeHead(from > 0 ? 206 : 200, head).end(content.subarray(from));
        setTimeout(send, pathname.endsWith('.deb') ? archiveMs : 0);
      }
    } catch {
      response.writeHead(404).end();
    }
  });
  return new Promise((done) => server.listen(0, '127.0.0.1', () => done(server)));
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
