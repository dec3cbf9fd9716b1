import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { shell } from '../support/roots/data-root.ts';
import { type FreshRoot, freshRoot } from '../support/roots/roots.ts';
import { crossgrade, tail } from '../support/runs/faults.ts';

/** Data that a program of the old word size writes, and what the program of the new one makes of it. */
interface Format {
  readonly name: string;
  readonly packages: readonly string[];
  /** Run in the 32-bit system. */
  readonly write: string;
  /** Run in both: says the same twice where the format does not depend on the word size. */
  readonly read: string;
  /** What the 64-bit program says where it cannot read it. */
  readonly refuses?: RegExp;
}

const numbers = 'for i in $(seq 1 500); do printf';

/** docs/DATA.md has the same names. */
const formats: readonly Format[] = [
  {
    name: 'SQLite',
    packages: ['sqlite3'],
    write: `sqlite3 s.db "CREATE TABLE t (x, y REAL); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) INSERT INTO t SELECT i, i / 7.0 FROM n; CREATE INDEX x ON t (x)"`,
    read: `sqlite3 s.db 'PRAGMA integrity_check; SELECT * FROM t'`,
  },
  {
    name: 'Berkeley DB, hash and btree',
    packages: ['db5.3-util'],
    write: `${numbers} ' key%d\\n value%d\\n' $i $i; done > d; (printf 'VERSION=3\\nformat=print\\ntype=hash\\nHEADER=END\\n'; cat d; echo DATA=END) | db5.3_load h.db; (printf 'VERSION=3\\nformat=print\\ntype=btree\\nHEADER=END\\n'; cat d; echo DATA=END) | db5.3_load b.db`,
    read: 'db5.3_verify h.db; db5.3_verify b.db; db5.3_dump h.db; db5.3_dump b.db',
  },
  {
    name: 'tdb (Samba)',
    packages: ['tdb-tools'],
    write: `printf 'create t.tdb\\ninsert a one\\ninsert b two\\nquit\\n' | tdbtool`,
    read: 'tdbdump t.tdb | sort; tdbtool t.tdb check',
  },
  {
    name: 'LMDB',
    packages: ['lmdb-utils'],
    write: `mkdir l; printf 'VERSION=3\\nformat=print\\ntype=btree\\nmapsize=1048576\\nHEADER=END\\n a\\n one\\nDATA=END\\n' | mdb_load l`,
    read: 'mdb_dump -p l',
    refuses: /MDB_INVALID|MDB_VERSION_MISMATCH/,
  },
  {
    name: 'GDBM',
    packages: ['gdbmtool'],
    write: `printf 'store a one\\nstore b two\\n' | gdbmtool -n g.gdbm`,
    read: `echo 'fetch b' | gdbmtool -r g.gdbm`,
    refuses: /[Mm]alformed/,
  },
  {
    name: 'Tokyo Cabinet, hash and B+ tree',
    packages: ['tokyocabinet-bin'],
    write: `tchmgr create h.tch; tcbmgr create b.tcb; for i in $(seq 1 50); do tchmgr put h.tch k$i v$i; tcbmgr put b.tcb k$i v$i; done`,
    read: 'tchmgr list -pv h.tch | sort; tcbmgr list -pv b.tcb',
  },
  {
    name: 'Kyoto Cabinet, hash and tree',
    packages: ['kyotocabinet-utils'],
    write:
      'kchashmgr create h.kch; kctreemgr create t.kct; for i in $(seq 1 50); do kchashmgr set h.kch k$i v$i; kctreemgr set t.kct k$i v$i; done',
    read: 'kchashmgr list -pv h.kch | sort; kctreemgr list -pv t.kct',
  },
  {
    name: 'cdb (constant database)',
    packages: ['tinycdb'],
    write: `${numbers} '+%d,%d:%s->%s\\n' \${#i} 1 $i x; done > in; echo >> in; cdb -c c.cdb in`,
    read: 'cdb -d c.cdb; cdb -q c.cdb 77',
  },
  {
    name: 'bogofilter’s word list',
    packages: ['bogofilter-bdb'],
    write: `mkdir w; for i in $(seq 1 20); do printf 'Subject: s%s\\n\\nbuy pills number%s\\n' $i $i | bogofilter -d w -s; printf 'Subject: h%s\\n\\nmeeting at noon%s\\n' $i $i | bogofilter -d w -n; done`,
    read: 'bogoutil -d w/wordlist.db | sort',
  },
  {
    name: 'plocate’s database',
    packages: ['plocate'],
    write: 'updatedb -U /usr/share/doc -o p.db -l no',
    read: `plocate -d p.db copyright | sort | head -n 50`,
  },
  {
    name: 'Python pickle and marshal',
    packages: ['python3'],
    write: `python3 -c 'import pickle, marshal; o = [1, 2**70, -1.5, "ä", {"k": (None, True)}]; pickle.dump(o, open("p", "wb")); marshal.dump(o, open("m", "wb"))'`,
    read: `python3 -c 'import pickle, marshal; print(pickle.load(open("p", "rb")), marshal.load(open("m", "rb")))'`,
  },
  {
    name: 'Python array and struct files',
    packages: ['python3'],
    write: `python3 -c 'import array; array.array("l", [1, 2, 3, 4]).tofile(open("a", "wb"))'`,
    read: `python3 -c 'import array, os; a = array.array("l"); a.fromfile(open("a", "rb"), os.path.getsize("a") // a.itemsize); print(a.tolist())'`,
    refuses: /\[8589934593, 17179869187\]/,
  },
  {
    name: 'PHP, serialised and cached by OPcache',
    packages: ['php-cli'],
    write: `mkdir o; echo '<?php echo strlen("x") + 41, "\\n";' > s.php; php -d opcache.enable_cli=1 -d opcache.file_cache=$PWD/o -d opcache.file_cache_only=1 s.php; php -r 'file_put_contents("v", serialize([PHP_INT_MAX, 1.5, "x"]));'`,
    read: `php -d opcache.enable_cli=1 -d opcache.file_cache=$PWD/o -d opcache.file_cache_only=1 s.php; php -r 'print_r(unserialize(file_get_contents("v")));'`,
  },
  {
    name: 'Erlang terms, dets and Mnesia',
    // What its log says comes between at any time.
    packages: ['erlang-base', 'erlang-mnesia'],
    write: `erl -noshell -mnesia dir '"m"' -eval 'mnesia:create_schema([node()]), mnesia:start(), mnesia:create_table(t, [{disc_only_copies, [node()]}, {attributes, [k, v]}]), mnesia:create_table(u, [{disc_copies, [node()]}, {attributes, [k, v]}]), [begin mnesia:sync_dirty(fun() -> mnesia:write({T, I, I * 3.5}) end) end || T <- [t, u], I <- lists:seq(1, 50)], mnesia:stop(), halt().'`,
    read: `erl -noshell -mnesia dir '"m"' -eval 'mnesia:start(), mnesia:wait_for_tables([t, u], 20000), io:format("~p~n", [[mnesia:dirty_read(T, K) || T <- [t, u], K <- lists:sort(mnesia:dirty_all_keys(T))]]), mnesia:stop(), halt().' | grep -E '^ ?\\['`,
  },
  {
    name: 'atop’s logs',
    packages: ['atop'],
    write: 'atop -w a.log 1 1',
    read: 'atop -r a.log -PCPU | sed -n 1,2p',
    refuses: /incompatible format|mismatch/,
  },
  {
    name: 'Postfix maps, hash and btree',
    packages: ['postfix'],
    write: 'printf "a one\\nb two\\n" > m; postmap hash:m; cp m n; postmap btree:n',
    read: 'postmap -q b hash:m; postmap -s btree:n',
  },
  {
    name: 'Postfix maps, lmdb',
    packages: ['postfix', 'postfix-lmdb'],
    write: 'printf "a one\\nb two\\n" > m; postmap lmdb:m',
    read: 'postmap -q b lmdb:m',
    refuses: /MDB_INVALID|MDB_VERSION_MISMATCH/,
  },
  {
    name: 'R’s workspaces and saved objects',
    packages: ['r-base-core'],
    write: `Rscript -e 'x <- list(a = 1:500, b = pi * 1:500, c = as.Date("2020-01-01") + 0:9); save(x, file = "w.RData"); saveRDS(x, "x.rds")'`,
    read: `Rscript -e 'load("w.RData"); print(identical(x, readRDS("x.rds"))); print(x)'`,
  },
  {
    name: 'Firebird',
    packages: ['firebird3.0-server-core', 'firebird3.0-utils'],
    write: `(echo "CREATE DATABASE 'f.fdb' USER 'SYSDBA';"; echo 'CREATE TABLE t (x INTEGER PRIMARY KEY, y DOUBLE PRECISION, z VARCHAR(20)); COMMIT;'; for i in $(seq 1 300); do echo "INSERT INTO t VALUES ($i, $i / 7.0, 'row $i');"; done; echo 'COMMIT;') | isql-fb -q -e -user SYSDBA > log 2>&1; test -s f.fdb`,
    read: `echo 'SELECT COUNT(*), SUM(y), MAX(z) FROM t;' | isql-fb -q -user SYSDBA f.fdb`,
  },
];

const folder = (index: number) => `/srv/formats/${index}`;
const inFolder = (index: number, script: string) => `cd ${folder(index)}; ${script}`;

let root: FreshRoot;
const before: string[] = [];

beforeAll(async () => {
  root = await freshRoot({ suite: 'bookworm', packages: [...new Set(formats.flatMap(({ packages }) => packages))] });
  for (const [index, { write, read }] of formats.entries()) {
    await shell(root.directory, `mkdir -p ${folder(index)}; ${inFolder(index, write)}`);
    before.push(await shell(root.directory, inFolder(index, `(${read}) 2>&1`)));
  }
  const answers = join(mkdtempSync(join(tmpdir(), 'crossgrade-answers-')), 'answers.json');
  writeFileSync(answers, JSON.stringify({ 'other-data': 'leave' }));
  const end = await crossgrade(root.directory, 'run', '--yes', '--answers', answers);
  if (end.code !== 0) throw new Error(tail(end));
});

afterAll(() => root?.dispose());

test.each(formats.map((format, index) => ({ ...format, index })))('$name', async ({ index, read, refuses }) => {
  expect(before[index]).not.toBe('');
  const after = await shell(root.directory, inFolder(index, `(${read}) 2>&1 || true`));
  if (refuses === undefined) {
    expect(after).toBe(before[index]);
  } else {
    expect(after).not.toBe(before[index]);
    expect(after).toMatch(refuses);
  }
});

test('the page of what was tested has them all', () => {
  const page = readFileSync(new URL('../../docs/DATA.md', import.meta.url), 'utf8');
  for (const { name, refuses } of formats) {
    const row = page.split('\n').find((line) => line.startsWith(`| ${name} |`)) ?? '';
    expect(row, name).toContain(refuses === undefined ? '| yes |' : '| no |');
  }
});
