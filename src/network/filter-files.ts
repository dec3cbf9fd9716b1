import { shellWords } from '../base/shell-word.ts';
/**
 * A file for each table, with which `nft -f` makes that table as it was, whatever has become of it, and leaves the
 * others alone.
 *
 * @param text what `nft --stateless list ruleset` prints
 * @see nft(8): to add what is there does nothing, so that the table can always be deleted
 */
export function nftFiles(text: string): Record<string, string> {
  const tables = text.matchAll(/^(table \S+ \S+) \{\n[\s\S]*?^\}$/gm);
  return Object.fromEntries(
    [...tables].map(([table, name = '']) => [nftFile(name), `add ${name}\ndelete ${name}\n${table}\n`]),
  );
}

/**
 * @param tool of the rule set
 * @param table `table inet filter`
 * @param lines of the table
 * @param folder where the files are
 */
export function restoreCommand(tool: string, table: string, lines: readonly string[], folder: string): string {
  if (tool !== 'nft') return shellWords([`${tool}-restore`, `${folder}/${tool}.rules`]);
  if (!isOfIptables(table, lines)) return shellWords(['nft', '-f', `${folder}/${nftFile(table)}`]);
  const program = table.startsWith('table ip6 ') ? 'ip6tables-nft' : 'iptables-nft';
  return shellWords([`${program}-restore`, `${folder}/${program}.rules`]);
}

const iptablesTable = /^table ip6? (filter|nat|mangle|raw|security)$/;
/** What a table of iptables-nft consists of: it counts in every rule, and knows no sets. */
const iptablesLine =
  /^(chain \S+ \{|\}|type (filter|nat|route) hook .*|(?!.*(@| vmap )).*\bcounter\b.*|.*\bxt (match|target) .*|# .*)$/;

/** iptables-nft has set it: nft shows that in its own words, and makes other rules of them, or cannot read them. */
function isOfIptables(table: string, lines: readonly string[]): boolean {
  return iptablesTable.test(table) && lines.every((line) => iptablesLine.test(line));
}

function nftFile(table: string): string {
  return `${table.replace(/^table /, 'nft ').replaceAll(/[^A-Za-z0-9_.]+/g, '-')}.nft`;
}
