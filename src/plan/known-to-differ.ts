/**
 * Packages whose builds share a file that differs, and what it is: met in Debian 11 to 13. Package lists do not tell;
 * the archives do, once they are there.
 *
 * @see dpkg(1), `--force-overwrite`
 */
export const knownToDiffer: Readonly<Record<string, string>> = {
  'fcitx-libpinyin': 'binary data',
  'libib-util': 'a lintian override',
  tumbler: 'a systemd unit that names the architecture',
};
