"""The modules that decide and do nothing else, and whether tests run nearly every line of them: `make coverage`.

    python -m tests.pure_modules build/coverage.json        coverage by group; exit status 1 below the least

A module that holds a rule without I/O, clock or randomness belongs here: nothing but a test would find its mistakes.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

LEAST = 95.0  # per cent of the lines of each group
ROOT = Path(__file__).parent.parent

PURE: Mapping[str, tuple[str, ...]] = {
    "ledger": tuple(
        f"ledger/{name}.py"
        for name in (
            *("actor", "canonical", "chain", "checkpoint", "clock", "commitment", "counts", "entry", "errors"),
            *("cosignature", "levels", "note", "pack", "policy", "proof", "refusal", "rows", "skeleton", "tree"),
            "witnessing",
            "wording",
        )
    ),
    "ledger.verify": ("ledger/verify/*.py",),
    "rbac": tuple(f"rbac/{name}.py" for name in ("effective", "permission", "roles", "snapshot")),
    "governance": tuple(
        f"governance/{name}.py"
        for name in (
            *(
                "above",
                "authority",
                "chain",
                "conditions",
                "decision",
                "duties",
                "grant",
                "passkeys",
                "proving",
                "reading",
                "stand",
            ),
            "refusal_texts",
            "signature",
        )
    ),
    "governance.rules": ("governance/rules/*.py",),
    "governance.questions": ("governance/questions/*.py",),
    "versioning": tuple(
        f"versioning/{name}.py"
        for name in (
            *("artefact", "blueprint", "branches", "business_time", "business_words", "change"),
            *("check", "check_data", "check_deadlines", "check_registers"),
            *(
                "check_structure",
                "check_types",
                "data_paths",
                "deadline_forms",
                "finding",
                "finding_texts",
                "timing_words",
                "people_texts",
                "forms",
                "net",
                "net_words",
                "parse",
            ),
            *("parse_steps", "proposals", "reader", "reduce", "schema", "shapes", "soundness", "source"),
            *("source_json", "source_yaml", "words", "words_conditions"),
            *("columns", "drawing", "graph", "layers", "layout", "routes", "text_measure", "time_texts", "tracks"),
            *("diff", "diff_words", "flows", "merged"),
        )
    ),
    "orchestrator": tuple(
        f"orchestrator/{name}.py"
        for name in (
            *(
                "clocks",
                "commands",
                "deadlines",
                "durations",
                "flow_steps",
                "fold",
                "fold_messages",
                "fold_rows",
                "forms",
                "instance",
            ),
            *(
                "machine",
                "measure",
                "paths",
                "resume",
                "run",
                "shown",
                "telling",
                "transitions",
                "validation",
                "work_steps",
            ),
        )
    ),
    "witness": ("witness/judging.py", "witness/words.py"),
    "api": ("api/schemas.py",),
}


class Covered(NamedTuple):
    """Lines of a module that can run, and those that no test ran."""

    path: str
    lines: int
    missed: tuple[int, ...]

    @property
    def percent(self) -> float:
        return 100.0 if not self.lines else 100.0 * (self.lines - len(self.missed)) / self.lines


def modules(group: str) -> list[str]:
    """The files of a group, as paths below the project; every pattern must name one."""
    found: list[str] = []
    for pattern in PURE[group]:
        paths = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob(pattern))
        if not paths:
            raise SystemExit(f"expected a file at {pattern}, found none")
        found += [path for path in paths if not path.endswith("__init__.py")]
    return found


def measured(report: Mapping[str, Any], group: str) -> list[Covered]:
    """Each module of the group; one that no test imported counts as not run at all."""
    found = []
    for path in modules(group):
        told = report["files"].get(path)
        if told is None:
            raise SystemExit(f"expected {path} in the report, found nothing: was it measured?")
        found.append(Covered(path, told["summary"]["num_statements"], tuple(told["missing_lines"])))
    return found


def main(report_file: str) -> int:
    """Print what is covered; 1 when a group is below the least."""
    report = json.loads(Path(report_file).read_text())
    below = 0
    for group in PURE:
        found = measured(report, group)
        whole = Covered(group, sum(one.lines for one in found), tuple(line for one in found for line in one.missed))
        below += whole.percent < LEAST
        mark = "" if whole.percent >= LEAST else f"   below {LEAST:.0f} %"
        print(f"{whole.percent:6.1f} %  {group:<22} {whole.lines:>6} lines in {len(found)} modules{mark}")
        for one in sorted(found, key=lambda module: module.percent):
            if one.percent < LEAST:
                print(f"  {one.percent:6.1f} %  {one.path}: {', '.join(map(str, one.missed))}")
    return 1 if below else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
