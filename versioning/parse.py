"""Blueprint source to the frozen value. Nothing else makes one outside tests.

`read_forms` reads what each step says; `read_blueprint` also demands that the steps fit together, so that a blueprint
it returns refers only to its own steps. Everything wrong is reported at once, with line and column.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from ledger.errors import BrokenInput
from ledger.wording import as_it_is
from versioning.act_forms import build_acts
from versioning.blueprint import Blueprint, DataClass, DataField, Place, TypeName
from versioning.check_structure import structure
from versioning.data_forms import RESERVED
from versioning.finding import Finding, errors_of, in_order, quoted
from versioning.finding_texts import say
from versioning.forms import BLUEPRINT
from versioning.parse_start import build_starts
from versioning.parse_steps import build_deadline, build_step, build_watch
from versioning.reader import Reader, read_source

_CLASSES: Mapping[str, DataClass] = {name: name for name in get_args(DataClass)}
_TYPES: Mapping[str, TypeName] = {name: name for name in get_args(TypeName)}


@dataclass(frozen=True, slots=True)
class Parsed:
    """What reading a text came to. `blueprint` is None where a finding is an error.

    `places` tells where each value stands by its path in the language, for instance `steps.officer.next.approve`.
    """

    blueprint: Blueprint | None
    findings: tuple[Finding, ...]
    places: Mapping[str, Place] = field(default_factory=dict)


def parse_blueprint(text: str) -> Blueprint:
    """The blueprint a YAML or JSON text says; `BrokenInput` with line and column at the first error."""
    parsed = read_blueprint(text)
    if parsed.blueprint is None:
        first = errors_of(parsed.findings)[0]
        raise BrokenInput(first.sentence, first.location)
    return parsed.blueprint


def read_blueprint(text: str) -> Parsed:
    """The blueprint a text says and everything found in it; steps are known to fit together."""
    forms = read_forms(text)
    if forms.blueprint is None:
        return forms
    findings = in_order((*forms.findings, *structure(forms.blueprint, forms.places)))
    return Parsed(None if errors_of(findings) else forms.blueprint, findings, forms.places)


def read_forms(text: str) -> Parsed:
    """The value of a text whose every form can be read; its steps may still name others that do not exist."""
    root, findings = read_source(text)
    if root is None:
        return Parsed(None, findings)
    reader = Reader()
    raw = reader.read(root, BLUEPRINT)
    if reader.findings or raw is None:
        return Parsed(None, in_order(reader.findings), reader.places)
    blueprint = _blueprint(raw, reader)
    if reader.findings:
        return Parsed(None, in_order(reader.findings), reader.places)
    return Parsed(blueprint, (), reader.places)


def _blueprint(raw: dict[str, Any], reader: Reader) -> Blueprint:
    start, *more_starts = build_starts(raw["start"])
    return Blueprint(
        id=raw["blueprint"],
        title=raw["title"],
        purpose=raw["purpose"],
        owner=raw["owner"],
        currency=raw.get("currency", ""),
        data=tuple([_field(name, said, "confidential", f"data.{name}", reader) for name, said in raw["data"]]),
        start=start,
        first=raw["first"],
        steps=tuple([build_step(name, said[0], said[1], reader) for name, said in raw["steps"]]),
        regimes=raw.get("regimes", ()),
        calendar=raw.get("calendar"),
        deadline=build_deadline(raw["deadline"]) if "deadline" in raw else None,
        acts=build_acts(raw.get("acts", {})),
        gives=raw.get("gives", ()),
        more_starts=tuple(more_starts),
        watches=tuple([build_watch(key, said) for key, said in raw.items() if key.startswith("on error ")]),
    )


def _field(name: str, said: Any, around: DataClass, path: str, reader: Reader) -> DataField:
    """One datum. A property without a class has that of the object it lies in; what lies outermost is confidential."""
    if name in RESERVED:
        place = reader.places.get(f"{path}#", reader.places[path])
        reader.report("data.reserved", place, say("name-reserved", name=quoted(name)), say("another-name"))
    if isinstance(said, str):
        return DataField(name, _TYPES[said], around)
    if isinstance(said, tuple):
        return DataField(name, "list", around, items=_field("", said[0], around, f"{path}.0", reader))
    inner = _CLASSES[said.get("class", around)]
    kind = _type_of(said, path, reader)
    properties = tuple(
        [
            _field(member, value, inner, f"{path}.properties.{member}", reader)
            for member, value in said.get("properties", ())
        ]
    )
    items = _field("", said["items"], inner, f"{path}.items", reader) if "items" in said else None
    return DataField(name, kind, inner, said.get("required", False), said.get("data_subject", False), properties, items)


def _type_of(said: dict[str, Any], path: str, reader: Reader) -> TypeName:
    implied: TypeName = "list" if "items" in said else "object"
    stated = said.get("type")
    shaped = "properties" in said or "items" in said
    if stated is None and not shaped:
        reader.report("missing-key", reader.places[path], say("datum-without-type"), say("type-or-members"))
    if (stated is not None and shaped and stated != implied) or ("properties" in said and "items" in said):
        message = say("two-types")
        reader.report("data.type", reader.places[path], message, as_it_is(f"`type: {implied}`"), quoted(str(stated)))
    return implied if stated is None else _TYPES[stated]
