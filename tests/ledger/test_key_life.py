"""The life of a log's keys on both databases: every checkpoint is signed by the key valid at its size, and nobody who
lacks a key changes them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.checking import check_signature
from ledger.database import Database
from ledger.errors import BrokenInput, Unavailable
from ledger.key_life import CertifyKeys, ChangeKeys, keys_value
from ledger.key_orders import make_order, sign_list, sign_order
from ledger.key_rules import id_of
from ledger.key_statements import (
    COMMIT_KEY,
    COMPROMISED,
    ENROLLED,
    IDENTITY_KEY,
    POST_QUANTUM_KEY,
    RETIRED,
    ROTATED,
    Order,
    format_order,
)
from ledger.note import parse_vkey
from ledger.refusal import Reason, Refusal
from ledger.signers import Ed25519Signer, KeyRing, signed_by
from ledger.token_address import IdentityPlace
from ledger.verify.plain_signatures import verify_signature
from ledger.verify.receipt import check_receipt
from ledger.verify.report import Fault, Status, Strength
from tests.conftest import SetClock
from tests.ledger.keeping import LOG, ORIGIN, PASSPHRASE, Keeper, open_keeper
from tests.ledger.toy import Bump


@pytest.fixture
def keeper(database: Database, tmp_path: Path, clock: SetClock) -> Iterator[Keeper]:
    made = open_keeper(database, tmp_path / "keys", clock)
    yield made
    made.close()


def refusal_of(keeper: Keeper, command: Any) -> Refusal:
    before = keeper.on_record()
    (answer,) = keeper.send(command)
    assert isinstance(answer.outcome, Refusal), answer
    assert keeper.on_record() == before
    return answer.outcome


def test_each_size_is_signed_by_the_key_in_force_there(keeper: Keeper) -> None:
    """A rotation at index i: sizes up to i by the old key, those above by the new one, which signs that batch."""
    first = keeper.current()
    (before,) = keeper.bump()
    order = keeper.order(ROTATED)
    answers = keeper.send(Bump("toy_1"), keeper.command(order), Bump("toy_2"))
    second = keeper.current()
    assert first != second == parse_vkey(order.vkey or "").key_id.hex()
    receipt = answers[2].receipt
    assert receipt is not None
    assert (signed_by(before.checkpoint), signed_by(receipt.checkpoint)) == (first, second)
    (after,) = keeper.bump()
    assert signed_by(after.checkpoint) == second
    rotated = before.size + 1
    assert keeper.kinds()[rotated] == ROTATED
    sizes = {id_of(key): (key.from_size, key.to_size) for key in keeper.on_record() if key.purpose == COMMIT_KEY}
    assert sizes == {first: (0, rotated), second: (rotated, None)}
    report = keeper.verify(COMMIT_KEY)
    assert report.is_sound, report.words()


def test_three_rotations_then_an_old_receipt_verifies(keeper: Keeper) -> None:
    """Off-line, from the pinned identity key and the newest signed list: each receipt by the key of its time."""
    receipts = keeper.bump()
    for purpose in (COMMIT_KEY, POST_QUANTUM_KEY, COMMIT_KEY, COMMIT_KEY):
        keeper.rotate(purpose)
        receipts += keeper.bump()
    assert len({signed_by(receipt.checkpoint) for receipt in receipts}) == 4
    pinned, lists = [keeper.vkeys[IDENTITY_KEY]], keeper.lists()
    assert len(lists) == 5
    for receipt in receipts:
        value = keeper.with_proof(receipt)
        for check in (check_signature, verify_signature):
            assert check_receipt(value, pinned, check, lists).is_included is True
            assert check_receipt(value, pinned, check, lists[-1:]).is_included is True
        with pytest.raises(BrokenInput, match="signature of"):
            check_receipt(value, pinned, check_signature)
    # An old list does not know the newest key: whoever holds it alone is told that another key signed.
    with pytest.raises(BrokenInput, match="known key"):
        check_receipt(keeper.with_proof(receipts[-1]), pinned, check_signature, lists[:1])
    # The first commit key leads there as well: it signed the list that names the identity key.
    assert check_receipt(
        keeper.with_proof(receipts[-1]), [keeper.vkeys[COMMIT_KEY]], check_signature, lists
    ).is_included
    for purposes in ((COMMIT_KEY,), (IDENTITY_KEY,), (COMMIT_KEY, IDENTITY_KEY)):
        report = keeper.verify(*purposes)
        assert report.is_sound, report.words()
        assert {check.number: check.status for check in report.checks}[5] is Status.PASSED
        assert report.strength is Strength.OPERATOR_ONLY
    assert keeper.verify(IDENTITY_KEY, key_lists=lists).is_sound


def test_a_list_counts_only_with_a_signature_that_leads_there(keeper: Keeper) -> None:
    keeper.rotate()
    receipt = keeper.with_proof(keeper.bump()[0])
    (good,) = keeper.lists()[-1:]
    pinned = [keeper.vkeys[IDENTITY_KEY]]
    assert check_receipt(receipt, pinned, check_signature, [good]).is_included
    stranger = KeyRing(keeper.ring.folder.parent, ORIGIN, PASSPHRASE, IdentityPlace()).make(IDENTITY_KEY)
    assert isinstance(stranger, Ed25519Signer)
    text = good.partition("\n\n")[0] + "\n"
    for forged in (good.replace("size ", "size 1", 1), stranger.sign_note(text)):
        with pytest.raises(BrokenInput, match="list 1 of the keys"):
            check_receipt(receipt, pinned, check_signature, [forged])


def test_an_identity_key_is_followed_by_the_next(keeper: Keeper) -> None:
    """Both sign the list in which the old one ends, so whoever pinned the old one follows."""
    keeper.rotate(IDENTITY_KEY)
    keeper.rotate(COMMIT_KEY)
    receipt = keeper.with_proof(keeper.bump()[0])
    pinned = [keeper.vkeys[IDENTITY_KEY]]
    assert check_receipt(receipt, pinned, check_signature, keeper.lists()).is_included
    with pytest.raises(BrokenInput, match="known key"):  # the newest alone is signed by a key nobody pinned
        check_receipt(receipt, pinned, check_signature, keeper.lists()[-1:])
    report = keeper.verify(IDENTITY_KEY)
    assert report.is_sound, report.words()


def test_a_stolen_key_proves_nothing_any_more(keeper: Keeper) -> None:
    """Receipts from before the theft stand, those from after it do not, and the log itself verifies on."""
    stolen = keeper.current()
    (early, *_, late) = keeper.bump(5)
    keeper.compromise(stolen, early.size)
    (renewed,) = keeper.bump()
    assert keeper.current() != stolen
    pinned, lists = [keeper.vkeys[IDENTITY_KEY]], keeper.lists()
    assert check_receipt(keeper.with_proof(early), pinned, check_signature, lists).is_included
    with pytest.raises(BrokenInput, match=f"sizes above {early.size} prove nothing"):
        check_receipt(keeper.with_proof(late), pinned, check_signature, lists)
    anew = keeper.with_proof(late._replace(size=renewed.size, checkpoint=renewed.checkpoint))
    assert check_receipt(anew, pinned, check_signature, lists).is_included
    report = keeper.verify(COMMIT_KEY, IDENTITY_KEY)
    assert report.is_sound, report.words()
    assert [note for note in report.notes if stolen in note and f"{early.size + 1} to" in note]


def test_a_compromise_after_a_rotation(keeper: Keeper) -> None:
    """The theft is found out late: the key ended already, and no other is put in force."""
    stolen = keeper.current()
    (early, late) = keeper.bump(2)
    keeper.rotate()
    second = keeper.current()
    keeper.bump()
    keeper.compromise(stolen, early.size)
    assert keeper.current() == second
    with pytest.raises(BrokenInput, match="prove nothing"):
        check_receipt(keeper.with_proof(late), [keeper.vkeys[IDENTITY_KEY]], check_signature, keeper.lists())
    assert keeper.verify(IDENTITY_KEY).is_sound
    order = Order(ORIGIN, COMPROMISED, COMMIT_KEY, None, stolen, 1, keeper.size())
    refused = refusal_of(keeper, keeper.command(order))
    assert refused.reason is Reason.WRONG_STATE


def signed_as(keeper: Keeper, order: Order, signer: Any) -> ChangeKeys:
    return ChangeKeys(LOG, signer.sign_note(format_order(order)))


def test_a_thief_without_a_key_changes_nothing(keeper: Keeper, tmp_path: Path) -> None:
    """With the permission and the database, but without a private key in force."""
    (tmp_path / "thief").mkdir()
    own = KeyRing(tmp_path / "thief", ORIGIN, PASSPHRASE, IdentityPlace())
    mine = own.make(COMMIT_KEY)
    assert isinstance(mine, Ed25519Signer)
    order = make_order(keeper.on_record(), keeper.size(), Order(ORIGIN, ROTATED, COMMIT_KEY, mine.vkey, None, None, 0))
    assert refusal_of(keeper, signed_as(keeper, order, mine)).reason is Reason.SIGNATURE_WRONG
    # Nor with a good order of which a line was changed, or with one of another act.
    good = sign_order(keeper.ring, keeper.on_record(), keeper.order(ROTATED))
    for forged in (good.replace("size ", "size 0", 1), good.replace("act key.rotated", "act key.compromised")):
        try:
            assert refusal_of(keeper, ChangeKeys(LOG, forged)).reason in (Reason.SIGNATURE_WRONG, Reason.WRONG_STATE)
        except BrokenInput:
            assert "size 0" in forged  # a number in a second spelling
    # A rotated key signs for nothing any more.
    old = keeper.ring.commit_signer(keeper.current())
    keeper.rotate()
    order = make_order(keeper.on_record(), keeper.size(), Order(ORIGIN, ROTATED, COMMIT_KEY, mine.vkey, None, None, 0))
    assert refusal_of(keeper, signed_as(keeper, order, old)).reason is Reason.SIGNATURE_WRONG
    # And the commit key in force names no successor of itself once it is known to be stolen.
    order = order._replace(act=COMPROMISED, void_from=keeper.size() - 1)
    stolen = keeper.ring.commit_signer(keeper.current())
    assert refusal_of(keeper, signed_as(keeper, order, stolen)).reason is Reason.SIGNATURE_WRONG


def test_an_order_is_good_once(keeper: Keeper) -> None:
    """Sent again under another command id it says what has been done already."""
    command = keeper.command(keeper.order(ROTATED))
    keeper.send(command)
    assert refusal_of(keeper, command).reason is Reason.WRONG_STATE


def test_who_may_not_is_refused(keeper: Keeper) -> None:
    order = keeper.command(keeper.order(ROTATED))
    certificate = sign_list(keeper.ring, keeper.on_record(), keeper.size())
    assert certificate is not None
    keeper.access.refuses = True
    for command in (order, CertifyKeys(LOG, certificate)):
        assert refusal_of(keeper, command).reason is Reason.NO_RULE


@pytest.mark.parametrize(
    ("act", "purpose", "reason"),
    [
        (ENROLLED, COMMIT_KEY, "rotated"),
        (RETIRED, COMMIT_KEY, "rotated"),
        (ENROLLED, IDENTITY_KEY, "found one"),
        (ENROLLED, POST_QUANTUM_KEY, "found one"),
    ],
)
def test_acts_that_the_rules_do_not_know(keeper: Keeper, act: str, purpose: str, reason: str) -> None:
    with pytest.raises(BrokenInput, match=reason):
        keeper.order(act, purpose)


def test_keys_that_may_lack_are_retired_and_enrolled_again(keeper: Keeper) -> None:
    for purpose in (POST_QUANTUM_KEY, IDENTITY_KEY):
        gone = keeper.current(purpose)
        keeper.change(keeper.order(RETIRED, purpose))
        keeper.enrol(purpose)
        assert keeper.current(purpose) != gone
    keeper.certify()
    with keeper.reader.view() as view:
        states = [(key["purpose"], key["state"]) for key in keys_value(view)]
    assert sorted(states) == [
        (COMMIT_KEY, "in force"),
        (IDENTITY_KEY, "in force"),
        (IDENTITY_KEY, "retired"),
        (POST_QUANTUM_KEY, "in force"),
        (POST_QUANTUM_KEY, "retired"),
    ]
    assert keeper.verify(COMMIT_KEY).is_sound
    # The commit key vouched for the second identity key: that is nothing to whoever pinned the first one alone. The log
    # is sound to them as long as the commit key is the one that the first one listed.
    assert keeper.verify(IDENTITY_KEY).is_sound


def test_an_identity_key_that_a_commit_key_vouched_for_leads_nowhere(keeper: Keeper) -> None:
    """Else who steals the commit key would take over the pinned identity key with it."""
    keeper.change(keeper.order(RETIRED, IDENTITY_KEY))
    keeper.enrol(IDENTITY_KEY)
    keys = keeper.on_record()
    asked = Order(ORIGIN, ROTATED, COMMIT_KEY, keeper.ring.make(COMMIT_KEY).vkey, None, None, 0)
    order = make_order(keys, keeper.size(), asked)
    by_new_identity = keeper.ring.identity(keeper.current(IDENTITY_KEY)).sign_note(format_order(order))
    keeper.send(ChangeKeys(LOG, by_new_identity))
    assert keeper.verify(COMMIT_KEY).is_sound
    finding = keeper.verify(IDENTITY_KEY).finding
    assert finding is not None
    assert (finding.check, finding.fault) == (5, Fault.WRONG_KEY)


def test_a_log_without_an_identity_key_gets_one(database: Database, tmp_path: Path, clock: SetClock) -> None:
    keeper = open_keeper(database, tmp_path / "keys", clock, plain=True)
    assert keeper.lists() == ()
    with pytest.raises(Unavailable, match="no key can be reached"):
        keeper.compromise(keeper.current(), 1)  # nobody but the stolen key could sign for its successor
    keeper.enrol(IDENTITY_KEY)
    keeper.enrol(POST_QUANTUM_KEY)
    keeper.certify()
    keeper.rotate()
    assert len(keeper.lists()) == 2
    assert keeper.verify(COMMIT_KEY).is_sound
    assert keeper.verify().is_sound
    keeper.close()
