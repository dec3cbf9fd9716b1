export type BootAction =
  /** `anyClass`: it may have programs of the source, since it is for a system that is still of the source. */
  | { readonly do: 'build-initramfs'; readonly version: string; readonly anyClass?: boolean }
  /** Into a folder of our own, and thrown away. */
  | { readonly do: 'try-initramfs'; readonly version: string }
  /**
   * Ends this process; a resume after the reboot goes on. `entry`: GRUB is told to boot that one, once. `hasWayBack`:
   * GRUB's default is the old kernel. `instruction`: what to do by hand where it cannot be told. `automatic`: the
   * host reboots by itself.
   */
  | {
      readonly do: 'await-reboot';
      readonly kernel: string;
      readonly entry?: string;
      readonly hasWayBack: boolean;
      readonly instruction?: string;
      readonly automatic: boolean;
    }
  /** Ends this process, once: somebody has to make the new kernel the default. */
  | { readonly do: 'await-default'; readonly kernel: string; readonly instruction: string }
  /** Ends this process: the way back needs the old kernel. */
  | { readonly do: 'await-old-kernel' };
