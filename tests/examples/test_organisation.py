"""The demo organisation: references resolve, children lie inside their parents, nobody approves their own work."""

import re
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
import yaml

from examples.load import credit_grade
from examples.organisation.files import APPROVER, AUTHORS, FOLDER, SERVICES, artefact_files, author_of, release_waves
from examples.services.payments import OPERATIONS
from ledger.errors import BrokenInput

ADDRESS = "http://127.0.0.1:9100"
FILES = artefact_files(ADDRESS)


def under(folder: str) -> dict[str, Any]:
    """File stem -> content, as text where YAML would make dates."""
    return {
        path.rpartition("/")[2].removesuffix(".yaml"): yaml.load(text, Loader=yaml.BaseLoader)
        for path, text in FILES.items()
        if path.startswith(folder)
    }


POLICY = under("access-policy")["access-policy"]
BLUEPRINTS = under("blueprints")
GRANTS = under("grants")


def test_the_address_is_filled_in_everywhere() -> None:
    assert not [path for path, text in FILES.items() if SERVICES in text]
    assert {connector["base_url"] for connector in under("connectors").values()} == {ADDRESS}
    with pytest.raises(BrokenInput):
        artefact_files("services")


@pytest.mark.parametrize(
    ("folder", "key"),
    [
        ("persons", "person"), ("role-assignments", "role assignment"), ("instruments", "instrument"),
        ("grants", "authority-grant"), ("offices", "office"), ("rule-tables", "rule-table"),
        ("connectors", "connector"), ("reason-code-lists", "reason-code-list"), ("blueprints", "blueprint"),
        ("feeds", "feed"),
    ],
)  # fmt: skip
def test_a_file_is_named_as_what_it_holds(folder: str, key: str) -> None:
    found = under(folder)
    assert found
    assert {name: content[key] for name, content in found.items()} == {name: name for name in found}


def test_assignments_name_known_persons_roles_and_domains() -> None:
    known = set(under("persons")) | {actor["actor"] for actor in under("actors").values()}
    for assignment in under("role-assignments").values():
        assert assignment["to"] in known
        assert assignment["role"] in POLICY["roles"]
        assert assignment["domain"] in {"organisation", *POLICY["domains"]}
    assert known == {assignment["to"] for assignment in under("role-assignments").values()}


def allowed(role: str) -> set[str]:
    """`object:action` of a role with those it includes."""
    said = POLICY["roles"][role]
    own = {f"{of}:{act}" for of, acts in said.get("allow", {}).items() for act in acts}
    return own.union(*[allowed(one) for one in said.get("includes", ())])


@pytest.mark.parametrize(
    "role", ["reader", "auditor", "feed-reader", "feed-keeper", "change-author", "change-reviewer", "key-keeper"]
)
def test_who_reads_cases_changes_nothing_of_them(role: str) -> None:
    of_cases = ("instance:", "task:", "job:", "message:", "incident:", "hold:", "data-subject:")
    assert {act for act in allowed(role) if act.startswith(of_cases)} <= {"instance:read", "task:read", "incident:read"}


def test_whoever_may_say_something_about_a_task_works_on_cases() -> None:
    services = {
        assigned["role"] for assigned in under("role-assignments").values() if assigned["to"].startswith("svc:")
    }
    works = {role for role in POLICY["roles"] if "task:comment" in allowed(role)}
    assert "auditor" not in works
    assert {"credit-officer", "accounts-payable", "compliance-officer", "incident-handler"} <= works
    assert not works & services - {"loan-intake", "invoice-intake", "customer-intake"}  # which persons hold as well


def test_every_role_that_a_blueprint_names_exists_and_has_a_holder() -> None:
    held = {assignment["role"] for assignment in under("role-assignments").values()}
    for blueprint in BLUEPRINTS.values():
        named = set(re.findall(r"role ([a-z-]+)", yaml.safe_dump(blueprint)))
        named.add(blueprint["owner"])
        assert named <= held & set(POLICY["roles"])


def test_every_call_goes_to_an_operation_the_service_has() -> None:
    served = {operation.name: f"/{path}" for path, operation in OPERATIONS.items()}
    connectors = under("connectors")
    wanted = {operation.name: {*operation.texts, *operation.money} for operation in OPERATIONS.values()}
    called = set()
    for blueprint in BLUEPRINTS.values():
        for step in blueprint["steps"].values():
            if "call" in step:
                connector, _, operation = step["call"].partition(".")
                stated = connectors[connector]["operations"][operation]
                assert (stated["method"], stated["path"]) == ("POST", served[operation])
                assert set(step["with"]) == wanted[operation]
                assert step["on failure"]["hold for"].startswith("role ")
                called.add(operation)
    assert called == set(served)


def test_every_decision_kind_has_a_grant_and_its_outcomes() -> None:
    for blueprint in BLUEPRINTS.values():
        for step in blueprint["steps"].values():
            if "decide" in step:
                assert set(step["next"]) == set(step["decide"])
                assert "not author of blueprint" in step["duties"]
                covering = [
                    power
                    for grant in GRANTS.values()
                    for power in grant["powers"]
                    if power["decision"] == step["authority"] and set(step["decide"]) <= set(power["outcomes"])
                ]
                assert len(covering) >= 1


def test_every_target_is_a_step_and_every_step_is_reached() -> None:
    for blueprint in BLUEPRINTS.values():
        steps = blueprint["steps"]
        targets = [blueprint["first"]]
        for step in steps.values():
            following = step.get("next", [])
            targets += following.values() if isinstance(following, dict) else [following] if following else []
            targets += [branch.get("next") or branch["otherwise"] for branch in step.get("choose", [])]
            targets += [*step.get("all", []), *([step["join"]["next"]] if "join" in step else [])]
            targets += [step["on late"]] if "on late" in step else []
        assert set(targets) == set(steps)


def test_rule_tables_named_exist_and_get_their_inputs() -> None:
    tables = under("rule-tables")
    used = set()
    for blueprint in BLUEPRINTS.values():
        for step in blueprint["steps"].values():
            if "rules" in step:
                assert set(step["with"]) == set(tables[step["rules"]]["inputs"])
                used.add(step["rules"])
    assert used == set(tables)


def _limits(grant: dict[str, Any]) -> dict[tuple[str, str], Decimal]:
    return {(limit["per"], limit["currency"]): Decimal(limit["max"]) for limit in grant["limits"]}


def test_child_grants_lie_inside_their_parent() -> None:
    children = [grant for grant in GRANTS.values() if "parent" in grant]
    assert len(children) == 5
    for child in children:
        parent = GRANTS[child["parent"]]
        assert child["domain"] == parent["domain"]
        assert parent["grantee"].split()[1] == child["grantor"].split()[1]
        assert child["grantee"] != child["grantor"]
        assert parent["valid"]["from"] <= child["valid"]["from"] < child["valid"]["to"] <= parent["valid"]["to"]
        assert {power["decision"] for power in child["powers"]} <= {power["decision"] for power in parent["powers"]}
        assert all(maximum <= _limits(parent)[per] for per, maximum in _limits(child).items())


def test_grants_rest_on_known_instruments_parties_and_domains() -> None:
    for grant in GRANTS.values():
        assert grant["instrument"] in under("instruments")
        kind, _, name = grant["grantee"].partition(" ")
        assert name in {"person": under("persons"), "office": under("offices")}[kind]
        assert grant["domain"] in POLICY["domains"]
    for office in under("offices").values():
        assert all(holder["person"] in under("persons") for holder in office["holders"])
        assert all(one["to"] <= other["from"] for one, other in pairwise(office["holders"]))


def test_officers_have_different_limits() -> None:
    for kind in ("approve-credit", "approve-invoice"):
        limits = [
            _limits(grant)["case", "GBP"]
            for grant in GRANTS.values()
            if kind in {power["decision"] for power in grant["powers"]}
        ]
        assert len(limits) == len(set(limits)) >= 3


def test_nobody_who_writes_or_approves_decides() -> None:
    writers = {author_of(path) for path in FILES}
    assert writers == set(AUTHORS.values())
    assert APPROVER not in writers
    grantees = {grant["grantee"].split()[1] for grant in GRANTS.values()}
    holders = {holder["person"] for office in under("offices").values() for holder in office["holders"]}
    assert not (writers | {APPROVER}) & (grantees | holders)
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    for person in writers | {APPROVER}:
        assert under("persons")[person]["name"] in readme


def test_waves_hold_every_file_once_and_parents_before_children() -> None:
    waves = release_waves(FILES)
    placed = {path: number for number, wave in enumerate(waves) for path in wave}
    assert sorted(placed) == sorted(FILES) == sorted(path for wave in waves for path in wave)
    for name, grant in GRANTS.items():
        place = placed[f"grants/{name}.yaml"]
        assert place > placed[f"instruments/{grant['instrument']}.yaml"]
        if "parent" in grant:
            assert place > placed[f"grants/{grant['parent']}.yaml"]


def _holds(test: str, value: int) -> bool:
    """The few unary tests the grade table uses, read here a second time."""
    if test == "-":
        return True
    if between := re.fullmatch(r"\[(\d+)\.\.(\d+)\)", test):
        return int(between[1]) <= value < int(between[2])
    operator, _, number = test.rpartition(" ")
    return {"": value == int(number), ">=": value >= int(number), "<=": value <= int(number)}[operator]


def test_the_grade_table_and_its_oracle_agree_everywhere() -> None:
    rules = under("rule-tables")["credit-grade"]["rules"]
    for score in range(500, 870):
        for defaults in range(5):
            hit = next(r for r in rules if _holds(r["score"], score) and _holds(r["defaults"], defaults))
            assert int(hit["then"]) == credit_grade(score, defaults)
