"""A start that is refused for want of a rule says in which domain."""

from ledger.refusal import Reason, Refusal
from orchestrator import commands as c
from tests.orchestrator.house import EVE
from tests.orchestrator.office import Office
from tests.orchestrator.toy import end, task


def office() -> Office:
    return Office(task("f", "done"), end())


def refused(made: Office) -> Refusal:
    said = made.send(c.StartInstance("toy", "A-1", {}, domain="lending"), EVE)
    assert isinstance(said, Refusal)
    return said


def test_without_the_role_the_domain_is_named() -> None:
    made = office()
    said = refused(made)
    assert said.reason is Reason.NO_RULE
    assert str(said.message) == "in the domain `lending`: expected role `starters`, found it not held"
    assert ("domain", "lending") in said.details


def test_without_the_permission_it_is_named_as_well() -> None:
    made = office()
    made.house.refused.add(("instance", "start"))
    said = refused(made)
    assert str(said.message).startswith("in the domain `lending`: expected a role with a rule")
