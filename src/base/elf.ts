/** What the beginning of an ELF file says of it. */
export interface ElfHead {
  readonly bits: 32 | 64;
  /** `e_machine`: 3 is i386, 62 x86-64, 40 32-bit ARM, 183 64-bit ARM. */
  readonly machine: number;
  /**
   * `program` asks for a dynamic loader, and so for libraries; `static` needs none; `library` is what programs load,
   * plug-ins included; `object` is not linked yet, or a kernel module; `other` is a core dump and the like.
   */
  readonly role: 'program' | 'static' | 'library' | 'object' | 'other';
}

/**
 * @param head the first bytes of a file, of which 64 are enough for class and machine; program headers beyond its end
 *   are not looked at
 * @returns undefined when it is no ELF file
 * @see elf(5), `e_ident`, `e_type`, `e_machine`, `p_type`
 */
export function readElfHead(head: Uint8Array): ElfHead | undefined {
  if (head.length < 20 || head[0] !== 0x7f || head[1] !== 0x45 || head[2] !== 0x4c || head[3] !== 0x46) {
    return undefined;
  }
  const bits = head[4] === 1 ? 32 : head[4] === 2 ? 64 : undefined;
  if (bits === undefined) {
    return undefined;
  }
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const little = head[5] !== 2;
  return { bits, machine: view.getUint16(18, little), role: roleOf(view, bits, little) };
}

/**
 * @param entry a file of binfmt_misc
 * @returns `e_machine` of the ELF programs that it is for; undefined for what is no ELF, is switched off, or has an
 *   interpreter that each root would have to bring itself (no flag `F`)
 * @see Linux, Documentation/admin-guide/binfmt-misc.rst
 */
export function emulatedMachine(entry: string): number | undefined {
  const [state] = entry.split('\n');
  const magic = /^magic 7f454c46[0-9a-f]{28}([0-9a-f]{2})([0-9a-f]{2})/m.exec(entry);
  if (state !== 'enabled' || !/^offset 0$/m.test(entry) || !/^flags: \w*F/m.test(entry) || !magic) return undefined;
  const isLittle = /^magic 7f454c46..01/m.test(entry);
  const [low, high] = isLittle ? [magic[1], magic[2]] : [magic[2], magic[1]];
  return Number.parseInt(`${high}${low}`, 16);
}

const programInterpreter = 3;

function roleOf(view: DataView, bits: 32 | 64, little: boolean): ElfHead['role'] {
  const type = view.getUint16(16, little);
  if (type === 1) {
    return 'object';
  }
  if (type !== 2 && type !== 3) {
    return 'other';
  }
  if (programTypes(view, bits, little).includes(programInterpreter)) {
    return 'program';
  }
  return type === 2 ? 'static' : 'library';
}

/** `p_type` of each program header that lies within the head. */
function programTypes(view: DataView, bits: 32 | 64, little: boolean): number[] {
  const [offsetAt, sizeAt, countAt] = bits === 32 ? [28, 42, 44] : [32, 54, 56];
  if (view.byteLength < countAt + 2) {
    return [];
  }
  const start = bits === 32 ? view.getUint32(offsetAt, little) : Number(view.getBigUint64(offsetAt, little));
  const size = view.getUint16(sizeAt, little);
  const types: number[] = [];
  for (let index = 0; index < view.getUint16(countAt, little); index += 1) {
    const at = start + index * size;
    if (at + 4 > view.byteLength) break;
    types.push(view.getUint32(at, little));
  }
  return types;
}
