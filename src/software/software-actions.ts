export type SoftwareAction =
  /** What no package brought, and depends on the old libraries or on an old Python. */
  | { readonly do: 'record-local-software' }
  /** Compiled packages of virtualenvs: installed anew. */
  | { readonly do: 'rebuild-virtualenvs' };
