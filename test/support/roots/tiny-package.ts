/** A .deb file of a few bytes, made without running a program: thousands of them are needed. */
export interface TinyPackage {
  /** Fields of its control file, without Maintainer and Description. */
  readonly fields: Readonly<Record<string, string>>;
  /** Its files, by path without the leading slash. */
  readonly files: Readonly<Record<string, string>>;
  /** Those of them that are configuration. */
  readonly conffiles?: readonly string[];
}

/** @see deb(5) */
export function tinyPackage({ fields, files, conffiles = [] }: TinyPackage): Buffer {
  const control = { control: `${stanzaOf(fields)}\n`, ...(conffiles.length > 0 && { conffiles: lines(conffiles) }) };
  return Buffer.concat([
    Buffer.from('!<arch>\n'),
    ...member('debian-binary', Buffer.from('2.0\n')),
    ...member('control.tar', tar(control)),
    ...member('data.tar', tar(files)),
  ]);
}

/** Fields as a control file has them, with those that dpkg misses in every package. */
export function stanzaOf(fields: Readonly<Record<string, string>>): string {
  return Object.entries({ ...fields, Maintainer: 'Nobody <nobody@example.org>', Description: 'made up' })
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('')
    .trimEnd();
}

/** The folders and files of a package, as dpkg lists them. */
export function pathsOf(files: Readonly<Record<string, string>>): string[] {
  const folders = new Set(Object.keys(files).flatMap(foldersOf));
  return ['/.', ...[...folders, ...Object.keys(files)].map((path) => `/${path}`)];
}

function lines(conffiles: readonly string[]): string {
  return conffiles.map((path) => `/${path}\n`).join('');
}

function foldersOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

function member(name: string, content: Buffer): Buffer[] {
  const head = `${name.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'100644'.padEnd(8)}`;
  return [
    Buffer.from(`${head}${String(content.length).padEnd(10)}\`\n`),
    content,
    Buffer.from(content.length % 2 === 1 ? '\n' : ''),
  ];
}

function tar(files: Readonly<Record<string, string>>): Buffer {
  const folders = new Set(Object.keys(files).flatMap(foldersOf));
  const parts = [tarHeader('./', 0, '5'), ...[...folders].map((folder) => tarHeader(`./${folder}/`, 0, '5'))];
  for (const [path, text] of Object.entries(files)) {
    const content = Buffer.from(text);
    parts.push(
      tarHeader(`./${path}`, content.length, '0'),
      content,
      Buffer.alloc((512 - (content.length % 512)) % 512),
    );
  }
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

/** @see tar(5), ustar */
function tarHeader(path: string, bytes: number, type: '0' | '5'): Buffer {
  const header = Buffer.alloc(512);
  header.write(path, 0);
  header.write(type === '5' ? '0000755\0' : '0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${bytes.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write(type, 156);
  header.write('ustar\u000000root', 257);
  header.write('root', 297);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}
