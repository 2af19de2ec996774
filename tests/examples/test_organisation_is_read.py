"""The rooms' own readers take every file of the demo organisation, and generated data fits the blueprints."""

import importlib
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
import yaml

from examples.load import loan_applications, received_invoices
from examples.organisation.files import artefact_files
from ledger import canonical
from ledger.errors import BrokenInput

FILES = artefact_files("http://127.0.0.1:9100")


def room(name: str) -> ModuleType:
    """A module of another room, or a skip that names it."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        pytest.skip(f"{name} is not built")


def under(folder: str) -> dict[str, str]:
    found = {path: text for path, text in FILES.items() if path.startswith(folder)}
    assert found
    return found


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("access-policy", "access_policy_kind"),
        ("persons", "person_kind"),
        ("actors", "actor_kind_of_artefact"),
        ("role-assignments", "role_assignment_kind"),
    ],
)
def test_people_and_access(folder: str, kind: str) -> None:
    reader = getattr(room("rbac.artefacts"), kind)
    for text in under(folder).values():
        canonical.encode(reader.read(text).value)


@pytest.mark.parametrize(
    ("folder", "reads"), [("instruments", "read_instrument"), ("offices", "read_office"), ("grants", "read_grant")]
)
def test_the_authority_register(folder: str, reads: str) -> None:
    reader = getattr(room("governance.reading"), reads)
    for path, text in under(folder).items():
        artefact = reader(text)
        assert path == f"{folder}/{artefact.name}.yaml"
        canonical.encode(artefact.value)


def test_connectors() -> None:
    connector = room("versioning.kinds.connector")
    for text in under("connectors").values():
        assert connector.check_connector(connector.read_connector(text)) == ()


def test_feeds() -> None:
    feed = room("versioning.kinds.feed")
    known = room("api.wiring").entry_kinds()
    for text in under("feeds").values():
        assert feed.check_feed(feed.read_feed(text), known) == ()


def blueprint(name: str) -> Any:
    return room("versioning.parse").parse_blueprint(FILES[f"blueprints/{name}.yaml"])


@pytest.mark.parametrize("name", ["loan-origination", "invoice-approval"])
def test_blueprints(name: str) -> None:
    assert blueprint(name).id == name


@pytest.mark.parametrize(
    ("name", "items"), [("loan-origination", loan_applications), ("invoice-approval", received_invoices)]
)
def test_start_data_is_what_the_blueprint_declares(name: str, items: Any) -> None:
    fault_in = room("orchestrator.validation").fault_in
    fields = blueprint(name).data
    for item in items(40):
        assert fault_in(fields, item.data) is None
        assert item.data[blueprint(name).start.key] == item.business_key


def with_merge_keys(text: str) -> Iterator[tuple[int, str]]:
    """The text with a merge key as the first of each mapping in turn, and the line it stands in."""
    todo = [yaml.compose(text, Loader=yaml.SafeLoader)]
    for node in todo:
        if isinstance(node, yaml.SequenceNode):
            todo += node.value
        elif isinstance(node, yaml.MappingNode) and node.value:
            todo += [value for _, value in node.value]
            mark = node.value[0][0].start_mark
            after = ", " if node.flow_style else "\n" + " " * mark.column
            yield mark.line + 1, f"{text[: mark.index]}<<: {{a: 1}}{after}{text[mark.index :]}"


@pytest.mark.parametrize("kind", room("api.wiring").open_rooms().kinds.values(), ids=lambda kind: kind.kind)
def test_a_merge_key_is_told_wherever_it_stands(kind: Any) -> None:
    """What it would bring would be missing, and nobody would see that."""
    folder = {"access-policy": "access-policy.yaml", "authority-grant": "grants"}.get(kind.kind, f"{kind.kind}s")
    for path, text in FILES.items():
        if path.startswith(folder):
            kind.read(text)
            for line, merged in with_merge_keys(text):
                with pytest.raises(BrokenInput) as fault:
                    kind.read(merged)
                assert fault.value.location.startswith((f"{line}:", f"line {line},")), path
