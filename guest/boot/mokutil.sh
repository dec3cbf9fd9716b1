#!/bin/sh
# Stands in the place of mokutil(1) in a root in a folder: the firmware of its machine is not here, and that of this one
# is none of its business. In mokutil's own words, by which shim-signed's preinst goes.
#
# Written to a folder that comes first in the PATH (masked-programs.ts); run in the root by maintainer scripts, as root.
#
# Arguments: those of mokutil. Environment: its own.
# Output: what mokutil says where there is no EFI, to standard error.
# Exit codes: 1, as mokutil's then.

echo 'EFI variables are not supported on this system' >&2
exit 1
