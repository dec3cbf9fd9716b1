# Says which packages are in a virtualenv, and which of them have some files.
#
# Run by a virtualenv's own Python, as the owner of its files (keep-local-software.ts), as `python -I -B -c`.
#
# Standard input: {"files": ["/path", ...]}.
# Standard output: what `inventorySchema` of virtualenv.ts is of.
# Arguments, environment: none.
# Exit codes: 0; another one where the virtualenv cannot tell.
#
# Packages of old tools have their list of files in installed-files.txt.

import json, os, sys
from importlib import metadata
real = os.path.realpath
files = {real(one) for one in json.load(sys.stdin)["files"]}
def files_of(dist):
    text = dist.read_text("installed-files.txt")
    if text is None:
        return [real(str(dist.locate_file(one))) for one in dist.files or []]
    return [real(os.path.join(str(dist._path), one)) for one in text.splitlines()]
def module_of(path):
    for entry in sorted(filter(None, map(real, sys.path)), key=len, reverse=True):
        if path.startswith(entry + os.sep):
            parts = path[len(entry) + 1:].split(os.sep)
            parts[-1] = parts[-1].split(".")[0]
            return ".".join(parts) if all(one.isidentifier() for one in parts) else None
packages, owned = [], set()
for dist in metadata.distributions():
    if not real(str(dist._path)).startswith(real(sys.prefix) + os.sep):
        continue
    mine = [one for one in files_of(dist) if one in files]
    owned.update(mine)
    packages.append({"name": dist.metadata["Name"], "version": dist.version, "compiled": len(mine) > 0})
base = real(getattr(sys, "_base_executable", None) or sys.executable)
print(json.dumps({
    "base": base,
    "packages": packages,
    "modules": sorted({one for one in map(module_of, owned) if one}),
    "strange": sorted(files - owned),
}))
