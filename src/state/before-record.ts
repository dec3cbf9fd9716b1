import * as z from 'zod';

/** What was there before the first change: the part that is needed again. */
export const beforeRecordSchema = z.strictObject({
  version: z.literal(1),
  recordedAt: z.string(),
  nativeArchitecture: z.string(),
  foreignArchitectures: z.array(z.string()),
  /** `name:architecture` to version, installed ones. */
  packages: z.record(z.string(), z.string()),
  /** Instances with the automatic mark. */
  automatic: z.array(z.string()),
  /** Instances on hold. */
  holds: z.array(z.string()),
  /** Instances of which only configuration is left. */
  residualConfig: z.array(z.string()),
  /** apt's extended_states as it was; null when there was none. */
  extendedStates: z.string().nullable(),
  /** dpkg's list of architectures as it was; null when there was none. */
  architectureFile: z.string().nullable(),
  /** Conffiles: path to owner and the MD5 sum of the packaged content. */
  conffiles: z.record(z.string(), z.strictObject({ package: z.string(), md5: z.string() })),
  /** apt's source files as they were. */
  sourceFiles: z.record(z.string(), z.string()),
  /** Folders and symlinks of / and /usr: path to the symlink's target, '' for a folder. */
  topFolders: z.record(z.string(), z.string()).exactOptional(),
  /** What says the system's name: the file that has it, and its text. */
  osRelease: z
    .strictObject({ path: z.enum(['/etc/os-release', '/usr/lib/os-release']), text: z.string() })
    .exactOptional(),
  /** Units that change packages by themselves and were active; absent where systemd did not run. */
  activePackageUnits: z.array(z.string()).exactOptional(),
});

export type BeforeRecord = z.infer<typeof beforeRecordSchema>;
