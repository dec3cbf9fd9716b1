import * as z from 'zod';
import { networkSchema } from './network.ts';

/** The network as it was before a reboot that is to come. */
const rebootRecordSchema = z.strictObject({
  version: z.literal(1),
  /** Boot that the host was in. */
  bootId: z.string(),
  network: networkSchema,
});

/** What was different in it after one. */
const networkChangesSchema = z.strictObject({
  version: z.literal(1),
  /** Boot in which it was looked at. */
  bootId: z.string(),
  /** Those that nothing explains. */
  differences: z.array(z.strictObject({ what: z.string(), command: z.string().exactOptional() })),
});

export type RebootRecord = z.infer<typeof rebootRecordSchema>;
export type NetworkChanges = z.infer<typeof networkChangesSchema>;

/** @returns undefined where there is none, or none that can be read: nobody's system depends on it */
export function readRebootRecord(text: string | undefined): RebootRecord | undefined {
  return readAs(rebootRecordSchema, text);
}

export function readNetworkChanges(text: string | undefined): NetworkChanges | undefined {
  return readAs(networkChangesSchema, text);
}

function readAs<Value>(schema: z.ZodType<Value>, text: string | undefined): Value | undefined {
  try {
    return text === undefined ? undefined : schema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
