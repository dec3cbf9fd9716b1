/** Databases and files whose format depends on the word size. */
export type DataAction =
  /** Out of it, with the programs of the source … */
  | { readonly do: 'export-data' }
  /** … into it again, with those of the target … */
  | { readonly do: 'import-data' }
  /** … or all as it was. */
  | { readonly do: 'drop-exports' };
