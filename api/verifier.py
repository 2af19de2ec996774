"""Assembles `verify.py`: one file from the very modules the service runs, for an interpreter with nothing installed.

Each module's source stands in the file as text, in the order of dependency, and is loaded under its own name; nothing
is rewritten, so what an examiner reads is what we run. The same sources give the same bytes: a golden digest pins them.
"""

import ast
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from threading import Lock

from ledger.errors import Misuse

ROOT = Path(__file__).resolve().parent.parent
ENTRY = "governance.questions.verdicts"
SIGNATURES = "ledger.verify.plain_signatures"
OWN_ROOMS = ("ledger", "governance")

_HEAD = '''#!/usr/bin/env python3
"""Verifies an evidence pack of Muniment, off-line, with Python 3.11 or newer and nothing else.

    python3 -I -S verify.py PACK.zip [--trust VKEY [--keys FILE]] [--policy FILE] [--json]

Five verdicts, each for itself: files intact; entries included and log consistent; signatures by keys valid then;
complete; semantics derived again. Exit status 0 when all five passed, 1 when not, 2 for usage or environment.
Fetch this file, its published SHA-256 and the verifier key VKEY from elsewhere than the pack.
"""

import importlib.abc
import importlib.util
import sys

SOURCES = {}
'''

_TAIL = '''

class _Sources(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads the modules above under their own names; everything else comes from the standard library."""

    def find_spec(self, name, path=None, target=None):
        if name in SOURCES:
            return importlib.util.spec_from_loader(name, self, is_package=SOURCES[name] is None)
        return None

    def exec_module(self, module):
        source = SOURCES[module.__name__]
        if source is not None:
            exec(compile(source, f"verify.py/{module.__name__}", "exec"), module.__dict__)


if __name__ == "__main__":
    if sys.version_info < (3, 11):
        sys.exit("verify.py needs Python 3.11 or newer")
    sys.meta_path.insert(0, _Sources())
    from governance.questions.verdicts import main
    from ledger.verify.plain_signatures import verify_signature

    sys.exit(main(sys.argv[1:], verify_signature))
'''


_one_at_a_time = Lock()


def assembled() -> bytes:
    """The bytes of `verify.py`."""
    with _one_at_a_time:  # Python 3.11 loses count when two threads parse at once (SystemError)
        return _assembled()


@lru_cache(maxsize=1)
def _assembled() -> bytes:
    names = modules()
    parts = [_HEAD]
    packages = sorted({name.rpartition(".")[0] for name in names} | {"ledger", "governance"})
    parts += [f"SOURCES[{package!r}] = None\n" for package in packages]
    for name in names:
        source = _path(name).read_text(encoding="utf-8")
        if "'''" in source or source.endswith("\\"):
            raise Misuse(f"expected a module that fits into a raw text, found {name}")
        parts.append(f"\nSOURCES[{name!r}] = r'''{source}'''\n")
    return "".join([*parts, _TAIL]).encode()


def digest() -> str:
    """SHA-256 of `verify.py` in hexadecimal: what a release publishes."""
    return sha256(assembled()).hexdigest()


def modules() -> tuple[str, ...]:
    """The modules of `verify.py`, each after those it imports."""
    done: dict[str, None] = {}
    for name in (SIGNATURES, ENTRY):
        _visit(name, done)
    return tuple(done)


def _visit(name: str, done: dict[str, None]) -> None:
    for wanted in imports_of(_path(name)):
        if wanted not in done and wanted.partition(".")[0] in OWN_ROOMS:
            _visit(wanted, done)
    done[name] = None


def imports_of(path: Path) -> tuple[str, ...]:
    """The modules a file imports at its top, in order; `from package import module` counts as the module."""
    found = []
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            is_package = (ROOT / Path(*node.module.split("."))).is_dir()
            found += [f"{node.module}.{alias.name}" for alias in node.names] if is_package else [node.module]
    return tuple(dict.fromkeys(found))


def _path(name: str) -> Path:
    return ROOT / Path(*name.split(".")).with_suffix(".py")
