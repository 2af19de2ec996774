"""The catalogue is closed, ids have types, and the matrix of a policy is a text a person can read."""

import json
import os
from pathlib import Path

import pytest

from ledger.errors import BrokenInput
from ledger.refusal import Refusal
from ledger.wording import as_it_is
from rbac.enforcer import AccessSnapshot
from rbac.permission import CATALOGUE, PERSON_ONLY, WHOLE, Action, Object, check_slug, check_typed, permission
from rbac.roles import parse_policy
from tests.rbac.acme import POLICY

CASES = Path(os.environ.get("MUNIMENT_CASES", Path(__file__).parents[3] / "shared" / "cases"))
GOLDEN = Path(__file__).parent / "golden" / "permissions.txt"


def matrix(snapshot: AccessSnapshot, domain: str) -> str:
    """Role x permission: `+` permitted, `-` denied by a rule, blank without a rule."""
    roles = [role.name for role in snapshot.policy.roles]
    width = max(len(f"{obj} {act}") for obj, acts in CATALOGUE.items() for act in acts)
    lines = [f"{domain:<{width}} " + " ".join(roles)]
    for obj, actions in CATALOGUE.items():
        for act in sorted(actions):
            marks = []
            for role in roles:
                answer = snapshot.check(role, domain, obj, act)
                mark = "+" if not isinstance(answer, Refusal) else "-" if answer.reason == "DENIED" else " "
                marks.append(f"{mark:^{len(role)}}")
            lines.append(f"{f'{obj} {act}':<{width}} {' '.join(marks)}".rstrip())
    return "\n".join(lines) + "\n"


def test_permission_matrix_is_the_golden_one() -> None:
    snapshot = AccessSnapshot.build(parse_policy(POLICY))
    text = "\n".join(matrix(snapshot, domain) for domain in (WHOLE, "retail-uk"))
    if os.environ.get("MUNIMENT_GOLDEN") == "write":
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


def test_every_object_has_actions_and_every_action_an_object() -> None:
    assert set(CATALOGUE) == set(Object)
    assert {act for acts in CATALOGUE.values() for act in acts} == set(Action)
    assert all(act in CATALOGUE[obj] for obj, act in PERSON_ONLY)  # type: ignore[index]


@pytest.mark.parametrize(("obj", "act"), [("task", "fly"), ("Task", "read"), ("", ""), ("instance", "decide")])
def test_unknown_permissions_are_broken_input(obj: str, act: str) -> None:
    with pytest.raises(BrokenInput):
        permission(obj, act)


def test_a_typed_id_is_one_of_the_types_asked_for() -> None:
    assert check_typed("person:0123abc", "person") == "person:0123abc"
    with pytest.raises(BrokenInput):
        check_typed("role:clerk", "person", "svc")


@pytest.mark.parametrize("text", ["", "Clerk", "-a", "a-", "a" * 65, "a\n", "ä", "a:b", "a b", "*", "1a"])
def test_slugs_are_plain(text: str) -> None:
    with pytest.raises(BrokenInput):
        check_slug(text, as_it_is("a role"))


@pytest.mark.cases
def test_hostile_strings_are_no_ids_and_get_no_permit() -> None:
    source = CASES / "hostile-strings" / "blns.json"
    if not source.exists():
        pytest.skip("needs hostile-strings/blns.json in MUNIMENT_CASES")
    snapshot = AccessSnapshot.build(parse_policy(POLICY))
    strings = json.loads(source.read_text(encoding="utf-8"))
    assert len(strings) > 400
    for text in strings:
        for hostile in (text, f"person:{text}", f"role:{text} "):
            if hostile.removeprefix("person:").isalnum() and hostile.isascii() and hostile.startswith("person:"):
                continue  # a plain word behind the prefix is an id, if a strange one
            with pytest.raises(BrokenInput):
                check_typed(hostile)
        for request in ((text, WHOLE, "task", "read"), ("clerk", text, "task", "read"), ("clerk", WHOLE, text, text)):
            assert isinstance(snapshot.check(*request), Refusal), request
