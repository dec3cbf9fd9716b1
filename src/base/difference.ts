import * as z from 'zod';

/** Parts of a system that are compared, in the order in which they are shown. */
export const areas = [
  'packages',
  'etc',
  'files',
  'accounts',
  'services',
  'sockets',
  'network',
  'data',
  'programs',
] as const;

export type Area = (typeof areas)[number];

export const rowSchema = z.strictObject({ label: z.string(), before: z.string(), after: z.string() });

export const differenceSchema = z.strictObject({
  what: z.string(),
  /** null: nobody knows why, so it is a warning. */
  explanation: z.string().nullable(),
  /** What a program has said of it, or what is different in it: lines. */
  details: z.array(z.string()).readonly().exactOptional(),
  /** Makes it as it was before. */
  command: z.string().exactOptional(),
});

export type ComparisonRow = Readonly<z.infer<typeof rowSchema>>;

export type Difference = Readonly<z.infer<typeof differenceSchema>>;

/** How the areas are headed. */
export const areaTitles: Readonly<Record<Area, string>> = {
  packages: 'Packages',
  etc: 'Configuration (/etc)',
  files: 'Owners, modes and capabilities of files',
  accounts: 'Accounts and logins',
  services: 'Services',
  sockets: 'Listening addresses',
  network: 'Network',
  data: 'Data',
  programs: 'Programs outside packages, and of the old architecture',
};

/** What was compared of one part of a system. */
export interface PartComparison {
  readonly rows: readonly ComparisonRow[];
  readonly differences: readonly Difference[];
}
