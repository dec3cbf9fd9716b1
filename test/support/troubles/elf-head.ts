export interface ElfHeadFields {
  /** `e_type`: 1 object, 2 fixed address, 3 shared, 4 core dump. */
  readonly type?: number;
  readonly machine?: number;
  /** Asks for a dynamic loader. */
  readonly interpreter?: boolean;
}

/** The beginning of a 32-bit ELF file with two program headers, one character a byte. @see elf(5) */
export function elfHead({ type = 3, machine = 3, interpreter = false }: ElfHeadFields): string {
  const head = Buffer.alloc(512);
  head.write('\x7fELF\x01\x01\x01', 'latin1');
  head.writeUInt16LE(type, 16);
  head.writeUInt16LE(machine, 18);
  head.writeUInt32LE(52, 28);
  head.writeUInt16LE(32, 42);
  head.writeUInt16LE(2, 44);
  head.writeUInt32LE(6, 52);
  head.writeUInt32LE(interpreter ? 3 : 1, 84);
  return head.toString('latin1');
}
