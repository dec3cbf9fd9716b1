# Says which modules of a virtualenv can be imported.
#
# Run by a virtualenv's own Python, as the owner of its files (keep-local-software.ts), as `python -I -B -c`.
#
# Standard input: their names, as a list in JSON.
# Standard output: those that can be, in the same form, and nothing that a module prints.
# Arguments, environment: none.
# Exit codes: 0; another one where a module ends the whole program.

import json, os, sys
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
