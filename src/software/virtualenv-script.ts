/**
 * For a virtualenv's own Python: which packages are in it, and which of them have some files. Reads `{"files": […]}`,
 * prints what `inventorySchema` is of. Legacy packages have their list of files in installed-files.txt.
 */
export const inventoryScript = `import json, os, sys
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
`;

/** Reads names of modules, and prints those that can be imported; both as JSON. */
export const importScript = `import json, os, sys
from importlib import import_module
names, works = json.load(sys.stdin), []
out = os.dup(1)
os.dup2(2, 1)
for name in names:
    try:
        import_module(name)
        works.append(name)
    except BaseException:
        pass
os.write(out, json.dumps(works).encode())
os._exit(0)
`;
