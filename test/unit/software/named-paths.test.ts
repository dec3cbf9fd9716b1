import { expect, test } from 'vitest';
import {
  architectureTests,
  pathsIn,
  pathsWithArchitecture,
  pathsWithTriplet,
  printPrograms,
} from '../../../src/software/named-paths.ts';
import { i386ToAmd64 as pair } from '../../support/recorded/hosts.ts';

test('folders with the name of the architecture are found, up to that name', () => {
  const text = [
    'JAVA_HOME=/usr/lib/jvm/java-17-openjdk-i386/bin/java',
    '# /usr/lib/jvm/java-8-openjdk-i386',
    'prefix=/boot/grub/i386-pc /usr/lib/i386-linux-gnu /usr/lib/xi386',
    'X=/opt/tool_i386.d/x',
  ].join('\n');
  expect(pathsWithArchitecture(text, 'i386')).toEqual([
    { line: 1, path: '/usr/lib/jvm/java-17-openjdk-i386' },
    { line: 4, path: '/opt/tool_i386.d' },
  ]);
});

test('questions for the architecture are found', () => {
  const text = [
    'if [ "$(uname -m)" = i686 ]; then',
    'arch=$(dpkg --print-architecture)',
    'apt-get install -y libfoo1:i386',
    'case $(getconf LONG_BIT) in 32) ;; esac',
    'uname -r',
    'ls /usr/lib/i386-linux-gnu /usr/lib/jvm/java-17-openjdk-i386/bin',
    '[ "$arch" = i686 ] && exit',
    '# uname -m',
  ].join('\n');
  expect(architectureTests(text, pair).map(({ line, path }) => `${line} ${path}`)).toEqual([
    '1 uname -m',
    '2 dpkg --print-architecture',
    '3 libfoo1:i386',
    '4 getconf LONG_BIT',
    '7 i686',
  ]);
});

test('what printers print with is a program of CUPS', () => {
  const ppd = [
    '*cupsFilter: "application/vnd.cups-raster 0 rastertovendor"',
    '*cupsFilter2: "application/pdf application/vnd.own 0 pdftovendor"',
    '*cupsFilter: "application/vnd.cups-raw 0 -"',
    '*% cupsFilter: "none 0 none"',
    '*cupsFilter: "a/b 0 ../../bin/sh"',
  ].join('\n');
  expect(printPrograms('/etc/cups/ppd/Office.ppd', ppd).map(({ printer, path }) => [printer, path])).toEqual([
    ['Office', '/usr/lib/cups/filter/rastertovendor'],
    ['Office', '/usr/lib/cups/filter/pdftovendor'],
  ]);
  const printers =
    '<DefaultPrinter Office>\nDeviceURI vendor://x\n</DefaultPrinter>\n<Printer Hall>\nDeviceURI usb://y\n';
  expect(printPrograms('/etc/cups/printers.conf', printers)).toEqual([
    { printer: 'Office', line: 2, path: '/usr/lib/cups/backend/vendor' },
    { printer: 'Hall', line: 5, path: '/usr/lib/cups/backend/usb' },
  ]);
  expect(printPrograms('/etc/other.conf', ppd)).toEqual([]);
});

test('paths with a triplet are found, each as far as it goes', () => {
  const text = [
    'ExecStart=/usr/lib/i386-linux-gnu/a/b --plugins=/usr/lib/i386-linux-gnu',
    '/usr/lib/i386-linux-gnux /usr/lib/i386-linux-gnu-x /lib/i386-linux-gnux/i386-linux-gnu/y$z',
    '*/i386-linux-gnu/*.so,/i386-linux-gnu',
  ].join('\n');
  expect(pathsWithTriplet(text, 'i386-linux-gnu')).toEqual([
    { line: 1, path: '/usr/lib/i386-linux-gnu/a/b' },
    { line: 1, path: '/usr/lib/i386-linux-gnu' },
    { line: 2, path: '/lib/i386-linux-gnux/i386-linux-gnu/y' },
    { line: 3, path: '*/i386-linux-gnu/*.so' },
    { line: 3, path: '/i386-linux-gnu' },
  ]);
});

test('no text, however long its lines, is read for longer than a moment: users write crontabs and units, too', () => {
  const size = 1024 * 1024;
  const texts = ['a', '/a', 'a.', 'a-', '/i386-linux-gnux', 'a:i386x', 'uname ', ' ', '/', '"/', '/\\ '].map(
    (part) => `${part.repeat(size / part.length)}\ni386-linux-gnu i386\n`,
  );
  const started = performance.now();
  for (const text of texts) {
    pathsIn(text);
    pathsWithTriplet(text, pair.source.triplet);
    pathsWithArchitecture(text, pair.source.name);
    architectureTests(text, pair);
    printPrograms('/etc/cups/ppd/a.ppd', text);
    printPrograms('/etc/cups/printers.conf', text);
  }
  expect(performance.now() - started).toBeLessThan(10_000);
});
