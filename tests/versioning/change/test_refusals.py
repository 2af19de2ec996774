"""Each refusal of change control, and that it leaves nothing behind."""

from dataclasses import replace

import pytest

from ledger import canonical
from ledger.actor import SYSTEM, Actor
from ledger.clock import Instant
from ledger.errors import BrokenInput, TooLarge
from ledger.refusal import Reason, Refusal
from tests.versioning.change.world import AGENT, ANNA, BEN, CARA, DAN, ROBOT, World, done, person, reason, reviewed
from versioning import service, tables
from versioning.artefact import SOURCE_BYTES_MAX, CheckFinding
from versioning.change import (
    DAY,
    EDITS_MAX,
    REVIEW_DAYS_MAX,
    Status,
    Verdict,
    stale_approvals,
)
from versioning.commands import (
    ExpireChange,
    ProposeChange,
    ReviewChange,
    SubmitChange,
    WithdrawChange,
)


@pytest.fixture
def world() -> World:
    return World()


def test_a_change_is_proposed_approved_and_released(world: World) -> None:
    change_id = world.propose(ANNA, "greeting: hello")
    assert world.change(change_id).status is Status.IN_REVIEW
    assert done(world.review(BEN, change_id)).outcome == "approved"
    assert done(world.release(change_id)).result["version"] == 1
    version = service.Versions().current(world.log.uow(ANNA), "note", "greeting")
    assert version is not None
    assert (version.value, version.source) == ({"text": "hello"}, "greeting: hello")
    assert (version.authors, version.approvers) == (("person:anna",), ("person:ben",))
    assert world.note.released[0].released_at == version.released_at


def test_both_entries_of_a_release_name_the_permit(world: World) -> None:
    world.put_in_force("greeting: hello")
    for data in world.log.entries:
        assert canonical.decode(data)["basis"]["permit"] == {"policy": "digest", "rules": ["r1"], "assignments": [0]}
    assert [canonical.decode(data)["kind"] for data in world.log.entries[-2:]] == [
        "change.released",
        "rule_table.released",
    ]


@pytest.mark.parametrize(
    "author",
    [
        ANNA,
        person("anna-admin", person=ANNA.person),  # another account of the same person
        person("deputy", on_behalf_of=ANNA.person),  # somebody acting for her
    ],
)
@pytest.mark.parametrize("verdict", Verdict)
def test_an_author_reviews_by_no_path(world: World, author: Actor, verdict: Verdict) -> None:
    change_id = world.propose(ANNA, "greeting: hello")
    assert reason(world.review(author, change_id, verdict)) is Reason.OWN_CHANGE


def test_whoever_was_written_for_is_an_author(world: World) -> None:
    for writer in (replace(ROBOT, on_behalf_of=BEN.person), person("deputy", on_behalf_of=BEN.person)):
        change_id = world.propose(writer, "greeting: hello")
        assert reason(world.review(BEN, change_id)) is Reason.OWN_CHANGE


def test_an_editor_of_any_edit_is_an_author_for_good(world: World) -> None:
    change_id = world.propose(ANNA, "greeting: hello")
    done(world.edit(BEN, change_id, "greeting: hi"))
    done(world.edit(ANNA, change_id, "greeting: good day"))
    assert reason(world.review(BEN, change_id)) is Reason.OWN_CHANGE
    assert world.change(change_id).authors == ("person:anna", "person:ben")


@pytest.mark.parametrize(
    "actor", [ROBOT, AGENT, SYSTEM, replace(BEN, method="api-key"), replace(BEN, person=None)], ids=str
)
@pytest.mark.parametrize("verdict", Verdict)
def test_only_a_person_reviews(world: World, actor: Actor, verdict: Verdict) -> None:
    change_id = world.propose(ANNA, "greeting: hello")
    assert reason(world.review(actor, change_id, verdict)) is Reason.NOT_A_PERSON


def test_one_person_counts_once(world: World) -> None:
    world.needed = 2
    change_id = world.propose(ANNA, "greeting: hello")
    assert done(world.review(BEN, change_id)).result["status"] == "in review"
    second = person("ben-two", person=BEN.person)
    deputy = person("deputy", on_behalf_of=BEN.person)
    for actor in (BEN, second, deputy):
        assert reason(world.review(actor, change_id)) is Reason.ALREADY_APPROVED
    assert reason(world.release(change_id)) is Reason.NOT_APPROVED
    assert done(world.review(CARA, change_id)).result["status"] == "approved"


def test_a_rule_that_became_stricter_holds_at_the_release(world: World) -> None:
    change_id = world.propose(ANNA, "greeting: hello")
    done(world.review(BEN, change_id))
    world.needed = 2
    assert reason(world.release(change_id)) is Reason.NOT_APPROVED
    done(world.review(DAN, change_id))
    world.needed = 1
    assert done(world.release(change_id)).outcome == "released"


def test_an_edit_makes_approvals_stale_even_when_the_text_comes_back(world: World) -> None:
    change_id = world.propose(ANNA, "greeting: hello")
    digest = world.change(change_id).digest
    done(world.review(BEN, change_id))
    done(world.edit(ANNA, change_id, "greeting: hi"))
    assert reason(world.release(change_id)) is Reason.NOT_APPROVED
    done(world.edit(ANNA, change_id, "greeting: hello"))
    change = world.change(change_id)
    assert (change.digest, change.status) == (digest, Status.IN_REVIEW)
    assert [review.person for review in stale_approvals(change)] == ["person:ben"]
    refusal = world.release(change_id)
    assert isinstance(refusal, Refusal)
    assert ("stale_approvals", "1") in refusal.details
    done(world.review(BEN, change_id))
    done(world.release(change_id))


def test_the_edit_states_which_approvals_it_made_stale(world: World) -> None:
    change_id = world.propose(ANNA, "greeting: hello")
    done(world.review(BEN, change_id))
    done(world.edit(ANNA, change_id, "greeting: hi"))
    assert canonical.decode(world.log.entries[-1])["payload"]["stale"] == [1]


def test_even_a_comment_changes_the_digest(world: World) -> None:
    plain = world.propose(ANNA, "greeting: hello")
    spaced = world.propose(ANNA, "greeting:  hello ")
    assert world.change(plain).digest != world.change(spaced).digest


def test_a_review_of_what_was_edited_since_is_stale(world: World) -> None:
    change_id = world.propose(ANNA, "greeting: hello")
    seen = world.change(change_id)
    done(world.edit(ANNA, change_id, "greeting: hi"))
    now = world.change(change_id)
    old = ReviewChange(change_id, Verdict.APPROVE, seen.digest, "", now.revision)
    assert reason(world.run(BEN, old)) is Reason.APPROVAL_STALE
    early = ReviewChange(change_id, Verdict.APPROVE, now.digest, "", seen.revision)
    assert reason(world.run(BEN, early)) is Reason.STALE_REVISION


def test_the_base_must_be_current(world: World) -> None:
    assert reason(world.run(ANNA, ProposeChange("note", "a: 1", 1, "t", "r"))) is Reason.BASE_MOVED
    world.put_in_force("a: 1")
    assert reason(world.run(ANNA, ProposeChange("note", "a: 2", None, "t", "r"))) is Reason.BASE_MOVED
    slow = world.propose(ANNA, "a: slow", 1)
    done(world.review(BEN, slow))
    world.put_in_force("a: 2", 1)
    assert reason(world.release(slow)) is Reason.BASE_MOVED
    assert reason(world.edit(ANNA, slow, "a: slow", base=3)) is Reason.BASE_MOVED
    done(world.edit(ANNA, slow, "a: slow", base=2))
    assert reason(world.release(slow)) is Reason.NOT_APPROVED
    done(world.review(BEN, slow))
    assert done(world.release(slow)).result["version"] == 3


def test_checks_hold_at_proposal_edit_and_release(world: World) -> None:
    refusal = world.run(ANNA, ProposeChange("note", "a: no!", None, "t", "r"))
    assert isinstance(refusal, Refusal)
    assert refusal.reason is Reason.CHECKS_FAILED
    assert refusal.details == (("note.shouting", "1:3: expected a calm note"),)
    change_id = world.propose(ANNA, "a: calm")
    assert reason(world.edit(ANNA, change_id, "a: no!")) is Reason.CHECKS_FAILED
    done(world.review(BEN, change_id))
    world.note.check = lambda uow, artefact: (UNKNOWN,)  # type: ignore[method-assign]
    assert reason(world.release(change_id)) is Reason.CHECKS_FAILED


UNKNOWN = CheckFinding("note.new", "fatal", "expected something else", None)  # type: ignore[arg-type]


def test_warnings_are_recorded_and_do_not_refuse(world: World) -> None:
    world.propose(ANNA, "a:")
    findings = canonical.decode(world.log.entries[-1])["payload"]["findings"]
    assert findings == [{"rule": "note.dull", "severity": "warning", "location": ""}]


def test_what_reads_differently_than_approved_is_not_released(world: World) -> None:
    for kind in ("note", "secret"):
        change_id = world.propose(ANNA, "a: calm", kind=kind)
        done(world.review(BEN, change_id))
        owner = world.note if kind == "note" else world.secret
        owner.reading = "?"
        assert reason(world.release(change_id)) is Reason.APPROVAL_STALE


@pytest.mark.parametrize("verdict", [Verdict.REQUEST_CHANGES, Verdict.REFUSE])
def test_a_reason_is_required_except_to_approve(world: World, verdict: Verdict) -> None:
    change_id = world.propose(ANNA, "a: 1")
    change = world.change(change_id)
    silent = ReviewChange(change_id, verdict, change.digest, " ", change.revision)
    assert reason(world.run(BEN, silent)) is Reason.REASON_MISSING
    told = {"change_request": change_id, "digest": change.digest, "revision": change.revision}
    done(reviewed(world.log, BEN, told))


def test_requested_changes_need_an_edit(world: World) -> None:
    change_id = world.propose(ANNA, "a: 1")
    done(world.review(CARA, change_id))
    done(world.review(BEN, change_id, Verdict.REQUEST_CHANGES))
    assert reason(world.review(CARA, change_id)) is Reason.WRONG_STATE
    assert reason(world.release(change_id)) is Reason.NOT_APPROVED
    done(world.edit(ANNA, change_id, "a: 2"))
    done(world.review(BEN, change_id))
    done(world.release(change_id))


@pytest.mark.parametrize("end", ["refuse", "withdraw", "release", "expire"])
def test_a_closed_request_takes_no_command(world: World, end: str) -> None:
    change_id = world.propose(ANNA, "a: 1")
    if end == "refuse":
        done(world.review(BEN, change_id, Verdict.REFUSE))
    elif end == "withdraw":
        done(world.run(ANNA, WithdrawChange(change_id, 1)))
    elif end == "release":
        done(world.review(BEN, change_id))
        done(world.release(change_id))
    else:
        world.log.now = Instant(world.log.now + REVIEW_DAYS_MAX * DAY)
        done(world.run(SYSTEM, ExpireChange(change_id)))
    revision = world.change(change_id).revision
    assert reason(world.edit(ANNA, change_id, "a: 2")) is Reason.WRONG_STATE
    assert reason(world.review(DAN, change_id)) is Reason.WRONG_STATE
    assert reason(world.release(change_id)) is Reason.WRONG_STATE
    assert reason(world.run(ANNA, WithdrawChange(change_id, revision))) is Reason.WRONG_STATE
    assert reason(world.run(SYSTEM, ExpireChange(change_id))) is Reason.WRONG_STATE
    assert reason(world.run(ANNA, SubmitChange(change_id, revision))) is Reason.WRONG_STATE


def test_a_lapsed_request_takes_no_command_before_it_is_recorded(world: World) -> None:
    change_id = world.propose(ANNA, "a: 1")
    done(world.review(BEN, change_id))
    assert reason(world.run(SYSTEM, ExpireChange(change_id))) is Reason.WRONG_STATE
    world.log.now = Instant(world.log.now + REVIEW_DAYS_MAX * DAY)
    assert service.lapsed(world.log.uow(SYSTEM), 10) == (change_id,)
    assert reason(world.release(change_id)) is Reason.WRONG_STATE
    assert reason(world.review(DAN, change_id)) is Reason.WRONG_STATE
    done(world.run(SYSTEM, ExpireChange(change_id)))
    assert service.lapsed(world.log.uow(SYSTEM), 10) == ()


def test_a_scheduled_change_waits_and_the_system_releases_it(world: World) -> None:
    world.access.denied = {("system:muniment", "release"), ("person:dan", "release")}
    at = world.log.now + 10 * DAY
    change_id = world.propose(ANNA, "a: 1", not_before=at)
    assert reason(world.release(change_id, SYSTEM)) is Reason.NO_RULE
    assert done(world.review(BEN, change_id)).result["status"] == "scheduled"
    assert service.due(world.log.uow(SYSTEM), 10) == ()
    assert reason(world.release(change_id)) is Reason.WRONG_STATE
    world.log.now = Instant(world.log.now + 10 * DAY)
    assert service.due(world.log.uow(SYSTEM), 10) == (change_id,)
    assert reason(world.release(change_id, DAN)) is Reason.NO_RULE
    assert done(world.release(change_id, SYSTEM)).outcome == "released"
    unscheduled = world.propose(ANNA, "b: 1")
    done(world.review(BEN, unscheduled))
    assert reason(world.release(unscheduled, SYSTEM)) is Reason.NO_RULE


def test_a_draft_is_submitted_before_it_is_reviewed(world: World) -> None:
    change_id = world.propose(ANNA, "a: 1", draft=True)
    assert world.change(change_id).status is Status.PROPOSED
    assert reason(world.review(BEN, change_id)) is Reason.WRONG_STATE
    done(world.edit(ANNA, change_id, "a: 2"))
    assert world.change(change_id).status is Status.PROPOSED
    assert reason(world.run(ANNA, SubmitChange(change_id, 1))) is Reason.STALE_REVISION
    done(world.run(ANNA, SubmitChange(change_id, 2)))
    assert reason(world.run(ANNA, SubmitChange(change_id, 3))) is Reason.WRONG_STATE
    done(world.review(BEN, change_id))


def test_only_an_author_withdraws(world: World) -> None:
    change_id = world.propose(ANNA, "a: 1")
    assert reason(world.run(BEN, WithdrawChange(change_id, 1))) is Reason.DENIED
    assert reason(world.run(ANNA, WithdrawChange(change_id, 9))) is Reason.STALE_REVISION


def test_unknown_ids_are_not_found(world: World) -> None:
    for command in (
        ReviewChange("cr_no", Verdict.APPROVE, "d", "", 1),
        WithdrawChange("cr_no", 1),
        SubmitChange("cr_no", 1),
        ExpireChange("cr_no"),
    ):
        assert reason(world.run(BEN, command)) is Reason.NOT_FOUND
    assert reason(world.release("cr_no")) is Reason.NOT_FOUND


def test_access_is_asked_for_each_act(world: World) -> None:
    change_id = world.propose(ANNA, "a: 1")
    world.review(BEN, change_id, Verdict.REQUEST_CHANGES)
    world.edit(ANNA, change_id, "a: 2")
    world.review(BEN, change_id)
    world.release(change_id)
    assert [asked[1:] for asked in world.access.asked] == [
        ("organisation", "change-request", act)
        for act in ("propose", "review", "review", "propose", "approve", "approve", "release")  # stated, then given
    ]
    world.access.denied = {("person:anna", "propose"), ("person:ben", "approve"), ("person:cara", "release")}
    assert reason(world.run(ANNA, ProposeChange("note", "b: 1", None, "t", "r"))) is Reason.NO_RULE
    assert reason(world.run(ANNA, WithdrawChange(change_id, 1))) is Reason.NO_RULE
    assert reason(world.edit(ANNA, change_id, "a: 2")) is Reason.NO_RULE
    assert reason(world.review(BEN, change_id)) is Reason.NO_RULE
    assert reason(world.release(change_id)) is Reason.NO_RULE


@pytest.mark.parametrize(
    ("command", "location"),
    [
        (ProposeChange("no-kind", "a: 1", None, "t", "r"), "kind"),
        (ProposeChange("note", "no colon", None, "t", "r"), "1:1"),
        (ProposeChange("note", ": nameless", None, "t", "r"), "name"),
        (ProposeChange("note", "a\x00: nul", None, "t", "r"), "name"),
        (ProposeChange("note", " ", None, "t", "r"), ""),
        (ProposeChange("note", "a: \ud800", None, "t", "r"), ""),
        (ProposeChange("note", "a: 1", 0, "t", "r"), "base_version"),
        (ProposeChange("note", "a: 1", None, " ", "r"), "title"),
        (ProposeChange("note", "a: 1", None, "t" * 201, "r"), "title"),
        (ProposeChange("note", "a: 1", None, "t", "r" * 2001), "reason"),
    ],
)
def test_broken_input_says_where(world: World, command: ProposeChange, location: str) -> None:
    with pytest.raises(BrokenInput) as fault:
        world.run(ANNA, command)
    assert fault.value.location == location
    assert world.log.entries == []


def test_a_source_just_below_the_limit_fits_an_entry(world: World) -> None:
    change_id = world.propose(ANNA, "a: " + "x" * (SOURCE_BYTES_MAX - 3))
    done(world.review(BEN, change_id))
    done(world.release(change_id))
    for source in ("a: " + "x" * SOURCE_BYTES_MAX, "a: " + '"' * (SOURCE_BYTES_MAX - 3)):
        with pytest.raises(TooLarge):
            world.run(ANNA, ProposeChange("note", source, None, "t", "r"))


def test_an_edit_keeps_the_name(world: World) -> None:
    change_id = world.propose(ANNA, "a: 1")
    with pytest.raises(BrokenInput):
        world.edit(ANNA, change_id, "b: 1")


def test_edits_are_bounded(world: World) -> None:
    change_id = world.propose(ANNA, "a: 1")
    row = world.log.rows.get(tables.CHANGE_REQUEST, change_id)
    world.log.rows.put(tables.CHANGE_REQUEST, row._replace(edit=EDITS_MAX))
    assert reason(world.edit(ANNA, change_id, "a: 2")) is Reason.WRONG_STATE


def test_a_missing_reason_for_a_proposal_is_refused(world: World) -> None:
    assert reason(world.run(ANNA, ProposeChange("note", "a: 1", None, "t", " "))) is Reason.REASON_MISSING
