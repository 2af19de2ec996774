"""Who proposed an act may still do it when it is confirmed: else nothing of it happens, and the proposal stays open."""

from collections.abc import Callable

import pytest

from ledger.actor import SYSTEM
from ledger.refusal import Reason
from orchestrator import act_pages, tables
from orchestrator import commands as c
from tests.orchestrator.house import ANN, BOB
from tests.orchestrator.memory import MemoryUow
from tests.orchestrator.office import Office
from tests.orchestrator.test_bulk import totals, work
from tests.orchestrator.test_resolving import CORRECT, HELD, MODIFY, resolve
from tests.orchestrator.test_steering import FORK, governed, proposed
from versioning.act_rules import ActRule

BY_CLERKS = ActRule("modify", role="role clerks", second="role ops", within="PT4H")


def without_role(office: Office) -> None:
    office.house.roles[ANN.id] = {"starters"}


def without_account(office: Office) -> None:
    office.house.left.add(ANN.id)


@pytest.mark.parametrize("ends", [without_role, without_account])
def test_nothing_is_done_that_its_proposer_could_not_do_any_more(ends: Callable[[Office], None]) -> None:
    office = governed(*FORK, acts=(BY_CLERKS,))
    instance = office.start()
    said = proposed(office, instance)
    ends(office)
    confirm = c.ConfirmAct(instance, said["proposal"], said["digest"])
    assert office.refused(confirm, BOB) is Reason.PROPOSAL_STALE
    (read,) = act_pages.proposals(office.log.deps, MemoryUow(office.log, BOB), instance)
    assert read.barred is not None
    assert "may still do what they proposed" in str(read.barred.message)
    assert office.row(tables.ACT_PROPOSAL, instance, said["proposal"]).state == "proposed"
    office.house.left.clear()
    office.house.roles[ANN.id] = {"clerks"}  # a right that comes back in time makes it what it was
    assert office.done(confirm, BOB).outcome == "modified"
    office.check()


def test_who_might_confirm_it_rejects_it_and_else_its_time_ends_it() -> None:
    for is_rejected in (True, False):
        office = governed(*FORK, acts=(BY_CLERKS,))
        instance = office.start()
        said = proposed(office, instance)
        without_account(office)
        if is_rejected:
            assert office.done(c.RejectAct(instance, said["proposal"], "she has left"), BOB).outcome == "rejected"
        else:
            office.log.now = said["expires_at"]
            assert office.done(c.ExpireAct(instance, said["proposal"], said["expires_at"]), SYSTEM).outcome == "expired"
        office.check()


@pytest.mark.parametrize("lost", ["ops", "owners"])
def test_a_resolution_asks_for_the_role_of_the_act_and_for_that_of_the_incident(lost: str) -> None:
    office = governed(*HELD, acts=(MODIFY, CORRECT))
    office.house.roles["person:cid"] = {"owners", "ops"}
    instance = office.start()
    said = office.done(resolve(office, "skip", {}, ""), BOB).result
    office.house.roles[BOB.id].discard(lost)
    confirm = c.ConfirmAct(instance, said["proposal"], said["digest"])
    assert office.refused(confirm, ANN) is Reason.PROPOSAL_STALE
    office.house.roles[BOB.id].add(lost)
    assert office.done(confirm, ANN).outcome == "resolved"
    office.check()


def test_who_confirms_is_told_first_what_they_lack_themselves() -> None:
    office = governed(*FORK, acts=(BY_CLERKS,))
    instance = office.start()
    said = proposed(office, instance)
    without_account(office)
    office.house.refused.add(("instance", "modify"))
    assert office.refused(c.ConfirmAct(instance, said["proposal"], said["digest"]), BOB) is Reason.NO_RULE


def test_what_is_left_of_an_act_on_many_is_refused_when_who_asked_has_left() -> None:
    office = governed(*FORK, acts=(ActRule("suspend", role="role clerks", second="role ops"),))
    first, second = office.start("A-1"), office.start("A-2")
    bulk = office.done(c.StartBulk("suspend", (first, second), "an audit"), ANN).result["bulk"]
    work(office, 1)
    without_account(office)
    work(office)
    assert totals(office, bulk) == (2, 0, 1, 1)
    (row,) = office.log.view.rows["act_proposal"].values()
    assert office.refused(c.ConfirmAct(row.instance, row.id, row.digest), BOB) is Reason.PROPOSAL_STALE
    office.check()
