"""What the tables of the documents hold, read from the code."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from importlib.util import find_spec
from typing import Any

from fastapi.routing import APIRoute

from api import problems
from api.cli import COMMANDS
from api.feeds.entries import KINDS as FEED_KINDS
from api.identity.entries import KINDS as IDENTITY_KINDS
from api.serving import ROUTERS
from api.settings import PREFIX, SECRET, Settings
from api.wiring import TABLES, commands, folds, open_rooms
from governance.entries import KINDS as GOVERNANCE_KINDS
from governance.questions.catalogue import QUESTIONS
from governance.rules import limits
from governance.rules.dmn import xml_in
from governance.rules.dmn.model import VERSIONS
from governance.rules.dmn.read import WITHOUT_MEANING
from governance.rules.dmn.read_logic import EXPRESSIONS
from governance.rules.signatures import STANDARD
from ledger.batch import UNRECORDED
from ledger.refusal import Reason
from ledger.rows import Table
from ledger.verify.report import CHECKS, Fault
from rbac.entries import KINDS as RBAC_KINDS
from rbac.permission import CATALOGUE, PERSON_ONLY
from tests.conftest import ROOT
from tests.docs.drawing import Drawn, cell, code
from versioning.artefact import source_class
from versioning.change import RETIRABLE_KINDS, risk_of
from versioning.forms import BLUEPRINT, STEP_SHAPE
from versioning.shapes import Either, Form, Text

PAYLOADS: Mapping[tuple[str, int], tuple[str, ...]] = {**RBAC_KINDS, **GOVERNANCE_KINDS, **IDENTITY_KINDS, **FEED_KINDS}
"""Members of payloads where a room states them as data; elsewhere the document tells them."""

_ROOMS = ("ledger", "rbac", "governance", "versioning", "orchestrator", "api")
_UNAVAILABLE = re.compile(r'(?:Unavailable\(|super\(\).__init__\()\s*"([A-Z_]+)"')


def entry_kinds() -> Drawn:
    """Every kind with a fold: what the ledger may hold."""
    rows = [
        (code(kind), str(schema), fold.__module__.partition(".")[0]) for (kind, schema), fold in sorted(folds().items())
    ]
    return Drawn(("kind", "schema", "room"), tuple(rows), ("subject", "what it records, and its payload"), 2)


def reasons() -> Drawn:
    """The closed reason codes of refusals, in their order."""
    rows = [
        (code(reason.value), str(problems.status_of(reason)), "no" if reason in UNRECORDED else "yes")
        for reason in Reason
    ]
    return Drawn(("code", "status", "recorded"), tuple(rows), ("what it means", "what the caller can do"))


def other_problems() -> Drawn:
    """Codes of problems that are no refusals: broken requests, and what cannot be served now."""
    named = {value for name, value in vars(problems).items() if name.isupper() and name == value}
    return Drawn(("code",), tuple((code(name),) for name in sorted(named | unavailable())), ("status", "meaning"))


def unavailable() -> set[str]:
    """The reasons `Unavailable` is raised with anywhere."""
    sources = [path for room in _ROOMS for path in (ROOT / room).rglob("*.py")]
    return {found for path in sources for found in _UNAVAILABLE.findall(path.read_text())}


def settings() -> Drawn:
    """Every setting, by its name in the environment."""
    rows = [
        (code(PREFIX + one.name.upper()), code(str(one.default)), "yes" if one.name in SECRET else "")
        for one in fields(Settings)
    ]
    return Drawn(("setting", "default", "hidden"), tuple(rows), ("what it does",))


def permissions() -> Drawn:
    """The permission catalogue; a star marks what only a person may do."""

    def marked(obj: Any, action: Any) -> str:
        return code(action.value) + ("*" if (obj, action) in PERSON_ONLY else "")

    rows = [
        (code(obj.value), ", ".join(marked(obj, action) for action in sorted(actions)))
        for obj, actions in CATALOGUE.items()
    ]
    return Drawn(("object", "actions"), tuple(rows))


def database_tables() -> Drawn:
    """Every table of the schema with its class, key and other columns."""
    from migrations.env_tables import metadata

    described: dict[str, Table[Any]] = {table.name: table for table in TABLES}
    rows = []
    for rooms_metadata in metadata():
        for name, table in rooms_metadata.tables.items():
            keys = [column.name for column in table.primary_key if column.name != "log_id"]
            rest = [c.name for c in table.columns if c.name not in (*keys, "log_id")]
            known = described.get(name)
            register = "yes" if known is not None and known.register else ""
            rows.append((table.info["class"], code(name), code(", ".join(keys)), code(", ".join(rest)), register))
    order = ("ledger", "folded", "vault", "published", "operational")
    rows.sort(key=lambda row: order.index(row[0]))
    return Drawn(("class", "table", "key after `log_id`", "other columns", "raises the epoch"), tuple(rows), (), 2)


def command_line() -> Drawn:
    """The subcommands; one whose module is not there is not built."""
    rows = [
        (code(f"muniment {name}"), cell(text), "yes" if find_spec(module) else "no")
        for name, (module, text) in COMMANDS.items()
    ]
    return Drawn(("command", "does", "built"), tuple(rows))


def endpoints() -> Drawn:
    """Every route with the first line of its docstring."""
    rows = [
        (code(f"{method} {route.path}"), cell((route.endpoint.__doc__ or "").split("\n\n")[0]))
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and route.include_in_schema
        for method in sorted(route.methods or ())
    ]
    return Drawn(("request", "does"), tuple(rows))


def product_commands() -> Drawn:
    """The commands a writer carries out."""
    rows = [(code(spec.name), kind.__module__.partition(".")[0]) for kind, spec in commands(open_rooms()).items()]
    return Drawn(("command", "room"), tuple(rows))


def artefact_kinds() -> Drawn:
    """The kinds of governed artefacts a change request may carry."""
    rows = [
        (code(name), source_class(kind), risk_of(name).value, "yes" if name in RETIRABLE_KINDS else "no")
        for name, kind in sorted(open_rooms().kinds.items())
    ]
    return Drawn(("kind", "class of its source", "risk", "can be retired"), tuple(rows), ("what it is",))


def feel_functions() -> Drawn:
    """The standard functions that are built."""
    rows = []
    for name, signature in STANDARD.items():
        takes = [" or ".join(kinds) for kinds in signature.takes]
        takes = [one if place < signature.required else f"[{one}]" for place, one in enumerate(takes)]
        if signature.more:
            takes.append("...")
        rows.append((code(name), cell(", ".join(takes)), str(signature.result)))
    return Drawn(("function", "takes", "gives"), tuple(rows))


def rule_limits() -> Drawn:
    """The limits of the rule language."""
    found = [(name, value) for name, value in vars(limits).items() if name.endswith("_MAX")]
    return Drawn(("limit", "value"), tuple((code(name), f"{value:,}") for name, value in found))


def dmn_versions() -> Drawn:
    """The versions of DMN whose files are read."""
    return Drawn(("DMN", "namespace"), tuple((version, code(name)) for name, version in VERSIONS.items()))


def dmn_limits() -> Drawn:
    """The limits of a file of a decision model."""
    found = [(name, value) for name, value in vars(xml_in).items() if name.endswith("_MAX")]
    return Drawn(("limit", "value"), tuple((code(name), f"{value:,}") for name, value in found))


def dmn_expressions() -> Drawn:
    """The elements that decide, as files have them."""
    return Drawn(("read and written",), ((", ".join(code(name) for name in EXPRESSIONS),),))


def dmn_left_out() -> Drawn:
    """The elements that have no meaning for a result."""
    return Drawn(("left out and told",), ((", ".join(code(name) for name in sorted(WITHOUT_MEANING)),),))


def step_kinds() -> Drawn:
    """The step kinds of the blueprint language with their keys, and what each refuses by name."""
    rows = []
    known: set[str] = set()
    for kind, form in STEP_SHAPE.forms:
        assert isinstance(form, Form)
        name = f"{kind}: {{tell: ...}}" if kind in known else kind  # the second form of a key has a mapping there
        known.add(kind)
        needed = ", ".join(code(key.name) for key in form.keys if key.required)
        others = ", ".join(code(key.name) for key in form.keys if not key.required)
        rows.append((code(name), needed, others))
    return Drawn(("step", "needs", "may have"), tuple(rows), ("what it does",))


def steps_later() -> Drawn:
    """What the language's design has and no code yet: step kinds, and keys of steps."""
    later = {
        name: {word for word in form.later if form.key(word) is None}
        for name, form in STEP_SHAPE.forms
        if isinstance(form, Form)
    }
    everywhere = set.intersection(*later.values())
    rows = [("step kinds", ", ".join(map(code, STEP_SHAPE.later))), ("keys of any step", _codes(everywhere))]
    own = {name: words - everywhere for name, words in later.items()}
    rows += [(f"keys of {code(name)}", _codes(words)) for name, words in own.items() if words]
    starts = _form_of("start")
    by = starts.key("by")
    assert by is not None
    assert isinstance(by.shape, Text)
    rows += [("starts", _codes(by.shape.later)), ("keys of `start`", _codes(starts.later))]
    rows += [("keys of a blueprint", _codes(BLUEPRINT.later))]
    return Drawn(("refused by name", "which"), tuple(rows))


def _codes(words: Iterable[str]) -> str:
    return ", ".join(code(word) for word in sorted(words))


def _form_of(name: str) -> Form:
    key = BLUEPRINT.key(name)
    assert key is not None
    shape = key.shape.mapping if isinstance(key.shape, Either) else key.shape
    assert isinstance(shape, Form)
    return shape


def fault_classes() -> Drawn:
    """The classes of faults a verification names."""
    return Drawn(("fault",), tuple((code(fault.value),) for fault in Fault), ("what was found", "what to do"))


def verification_checks() -> Drawn:
    """The numbered checks."""
    return Drawn(("check", "what it says"), tuple((str(number), text) for number, text in CHECKS.items()), ("run by",))


def questions() -> Drawn:
    """The regulatory questions that can be asked."""
    rows = [
        (code(name), str(definition.version), cell(definition.title)) for name, (definition, _) in QUESTIONS.items()
    ]
    return Drawn(("question", "version", "asks"), tuple(rows))


DRAWN: dict[str, Callable[[], Drawn]] = {
    "artefact-kinds": artefact_kinds,
    "command-line": command_line,
    "commands": product_commands,
    "database-tables": database_tables,
    "endpoints": endpoints,
    "dmn-expressions": dmn_expressions,
    "dmn-left-out": dmn_left_out,
    "dmn-limits": dmn_limits,
    "dmn-versions": dmn_versions,
    "entry-kinds": entry_kinds,
    "fault-classes": fault_classes,
    "feel-functions": feel_functions,
    "other-problems": other_problems,
    "permissions": permissions,
    "questions": questions,
    "reasons": reasons,
    "rule-limits": rule_limits,
    "settings": settings,
    "step-kinds": step_kinds,
    "steps-later": steps_later,
    "verification-checks": verification_checks,
}


def drawn() -> dict[str, Drawn]:
    """Every table, drawn."""
    return {name: draw() for name, draw in DRAWN.items()}
