"""What `muniment apply` proposes."""

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import BrokenInput
from tests.versioning.change.world import NoteKind
from versioning.artefact import Artefact, content_digest
from versioning.proposals import ORDER, Held, Standing, kind_of, plan

READERS = {kind: NoteKind(kind).read for kind in ORDER}
NOTHING = Standing({})


def test_proposals_come_in_dependency_order_with_waves() -> None:
    files = {
        "blueprints/loan.yaml": "loan: x",
        "people/b.yaml": "b: x",
        "people/a.yaml": "a: x",
        "connectors/bank.yaml": "bank: x",
    }
    found = plan(files, READERS, NOTHING)
    assert [(one.kind, one.name, one.wave, one.base_version) for one in found.proposals] == [
        ("person", "a", 0, None),
        ("person", "b", 0, None),
        ("connector", "bank", 1, None),
        ("blueprint", "loan", 2, None),
    ]
    assert plan(dict(reversed(files.items())), READERS, NOTHING) == found


@dataclass(frozen=True)
class Tied:
    """Reads `name: words` as an artefact that refers to these others of its kind."""

    kind: str

    def read(self, source: str) -> Artefact:
        name, _, told = source.partition(":")
        value: dict[str, Any] = {"parent": told.strip() or None}
        if self.kind == "blueprint":
            value = {"steps": [{"step": "end"}, *({"step": "run", "blueprint": one} for one in told.split())]}
        return Artefact(self.kind, name, value)


TIED = {kind: Tied(kind).read for kind in ORDER}


def test_within_a_kind_what_is_referred_to_comes_first() -> None:
    files = {
        "grants/a.yaml": "a: b",
        "grants/b.yaml": "b: z",
        "grants/z.yaml": "z:",
        "grants/m.yaml": "m: in-force",
        "blueprints/main.yaml": "main: part other",
        "blueprints/part.yaml": "part: other",
        "blueprints/other.yaml": "other:",
    }
    found = [(one.name, one.wave) for one in plan(files, TIED, NOTHING).proposals]
    assert found == [("m", 0), ("z", 0), ("b", 1), ("a", 2), ("other", 3), ("part", 4), ("main", 5)]


def test_a_circle_is_planned_once_each_and_left_to_the_checks() -> None:
    files = {"grants/a.yaml": "a: b", "grants/b.yaml": "b: a", "grants/c.yaml": "c: c", "grants/d.yaml": "d: a"}
    found = plan(files, TIED, NOTHING).proposals
    assert sorted(one.name for one in found) == list("abcd")
    assert next(one.wave for one in found if one.name == "c") == 0


@given(st.permutations(range(8)), st.lists(st.integers(0, 7), min_size=8, max_size=8))
def test_every_parent_stands_in_an_earlier_wave(names: list[int], picks: list[int]) -> None:
    """Grants with parents drawn at random among those before them, under names in any order."""
    parents = {names[place]: names[pick % place] if place and pick else None for place, pick in enumerate(picks)}
    files = {f"grants/{name}.yaml": f"g{name}:{'' if up is None else f' g{up}'}" for name, up in parents.items()}
    waves = {one.name: one.wave for one in plan(files, TIED, NOTHING).proposals}
    assert all(up is None or waves[f"g{up}"] < waves[f"g{name}"] for name, up in parents.items())
    assert set(waves.values()) == set(range(max(waves.values()) + 1))


def test_what_is_in_force_or_proposed_is_not_proposed_again() -> None:
    files = {f"connectors/{name}.yaml": f"{name}: x" for name in "abcd"}
    digest = content_digest("connector", "c", {"text": "x"}, "c: x")
    standing = Standing(
        {
            ("connector", "a"): Held(3, {"text": "x"}, "a: x"),
            ("connector", "b"): Held(4, {"text": "x"}, "b:  x"),
            ("connector", "d"): Held(5, {"text": "y"}, "d: x"),
        },
        frozenset((digest,)),
    )
    found = plan(files, READERS, standing)
    assert found.unchanged == ("connectors/a.yaml", "connectors/c.yaml")
    assert [(one.name, one.base_version) for one in found.proposals] == [("b", 4), ("d", 5)]


def test_the_plan_applied_plans_nothing() -> None:
    files = {"people/a.yaml": "a: x", "offices/cfo.yaml": "cfo: y"}
    first = plan(files, READERS, NOTHING)
    held = {(one.kind, one.name): Held(1, READERS[one.kind](one.source).value, one.source) for one in first.proposals}
    assert plan(files, READERS, Standing(held)).proposals == ()
    pending = frozenset(
        content_digest(one.kind, one.name, READERS[one.kind](one.source).value, one.source) for one in first.proposals
    )
    assert plan(files, READERS, Standing({}, pending)).proposals == ()


def test_files_that_cannot_be_read_are_named_and_the_rest_is_planned() -> None:
    files = {
        "connectors/bad.yaml": "nothing",
        "connectors/one.yaml": "bank: x",
        "connectors/two.yaml": "bank: y",
        "stray.yaml": "stray: x",
        "README.md": "ignored: x",
        ".git/blueprints/x.yaml": "ignored: x",
        "people/empty.yaml": " ",
    }
    found = plan(files, READERS, NOTHING)
    assert [one.path for one in found.proposals] == ["connectors/one.yaml"]
    assert [(one.path, one.location) for one in found.unread] == [
        ("connectors/bad.yaml", "1:1"),
        ("connectors/two.yaml", ""),
        ("people/empty.yaml", ""),
        ("stray.yaml", ""),
    ]


def test_the_kind_is_told_by_folder_file_name_or_first_key() -> None:
    assert kind_of("x/blueprints/loan/main.yaml", "connector: a") == "blueprint"
    assert kind_of("access-policy.yaml", "") == "access-policy"
    assert kind_of("a.yaml", "# a word: of caution\n---\n\nblueprint: loan\n") == "blueprint"
    assert kind_of("a.yaml", "role assignment: clerk\nto: b") == "role-assignment"
    assert kind_of("a.yaml", "title: a\nblueprint: loan\n") == ""
    assert kind_of("a.yaml", "") == ""


def test_a_folder_of_everything_is_refused() -> None:
    with pytest.raises(BrokenInput, match="10000"):
        plan({f"{number}.yaml": "" for number in range(10_001)}, READERS, NOTHING)
