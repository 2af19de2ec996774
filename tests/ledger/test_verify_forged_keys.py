"""Logs that name keys they have not: forged by who holds no key, or a former one."""

from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.errors import BrokenState, Unavailable
from ledger.key_rules import payload_of
from ledger.key_statements import (
    COMMIT_KEY,
    IDENTITY_KEY,
    ROTATED,
    format_order,
    parse_list,
    parse_order,
)
from ledger.log_lines import OwnLines
from ledger.note import parse_note
from ledger.publication import Publication
from ledger.verify.report import Fault
from tests.conftest import SetClock
from tests.ledger.keeping import Keeper, open_keeper
from tests.ledger.tampering import Copy, chained
from tests.ledger.test_verify_keys import found, sign_all, stranger, values_of
from tests.migrated import migrated_sqlite


@pytest.fixture
def keeper(tmp_path: Path, clock: SetClock) -> Iterator[Keeper]:
    database = migrated_sqlite(tmp_path / "ledger.sqlite")
    made = open_keeper(database, tmp_path / "keys", clock)
    yield made
    made.close()


def test_a_longer_history_by_a_stolen_identity_key(keeper: Keeper) -> None:
    """The thief of a former identity key hides its end, appoints a commit key, and writes on beyond the list's size."""
    thief = keeper.ring.identity(keeper.current(IDENTITY_KEY))
    keeper.bump()
    keeper.rotate(IDENTITY_KEY)
    lists = keeper.lists()
    keeper.bump(3)
    assert keeper.verify(IDENTITY_KEY, key_lists=lists).is_sound
    copy = Copy(keeper.database, keeper.workings)
    values = values_of(copy)
    other = stranger(keeper)
    index = next(n for n, value in enumerate(values) if value["kind"] == ROTATED)
    order = parse_order(parse_note(values[index]["payload"]["order"]).text)
    order = order._replace(purpose=COMMIT_KEY, vkey=other.vkey, ends=keeper.current())
    values[index]["payload"] = {**payload_of(order), "order": thief.sign_note(format_order(order))}
    hidden = [value for value in values if value["kind"] != "key.certified"]
    for number, value in enumerate(value for value in hidden if value["subject"].startswith("log:")):
        value["subject_index"] = number
    copy.rewrite(hidden, None)
    copy.run(("DELETE FROM checkpoint WHERE log_id = ?", (copy.log_id,)))
    sign_all(copy, chained(hidden)[1], lambda _: other)
    assert len(hidden) > parse_list(parse_note(lists[-1]).text).size
    assert found(keeper, IDENTITY_KEY, key_lists=lists) == (5, Fault.RE_SIGNED)


@pytest.mark.parametrize("manner", ["a second commit key", "a rotation by a stranger"])
def test_naming_the_pinned_commit_key_is_not_enough(keeper: Keeper, manner: str) -> None:
    """Whoever writes a log of their own may name the pinned key in its first entry; it did not sign for the others."""
    keeper.rotate()
    keeper.bump()
    copy = Copy(keeper.database, keeper.workings)
    values = values_of(copy)
    other = stranger(keeper)
    payload = values[0]["payload"]
    if manner == "a second commit key":
        payload["keys"].append({"purpose": COMMIT_KEY, "vkey": other.vkey, "key_id": other.key_id})
        values = [value for value in values if not value["kind"].startswith("key.")]
        numbers: dict[str, int] = {}
        for value in values:
            value["subject_index"] = numbers.get(value["subject"], 0)
            numbers[value["subject"]] = value["subject_index"] + 1
        index = 0
    else:
        identity = stranger(keeper)
        for key in payload["keys"]:
            if key["purpose"] == IDENTITY_KEY:
                key.update(vkey=identity.vkey, key_id=identity.key_id)
        index = next(n for n, value in enumerate(values) if value["kind"] == ROTATED)
        said = values[index]["payload"]
        order = parse_order(parse_note(said["order"]).text)._replace(vkey=other.vkey)
        said.update(payload_of(order), order=identity.sign_note(format_order(order)))
        del values[index + 1 :]
    copy.rewrite(values, None)
    copy.run(("DELETE FROM checkpoint WHERE log_id = ?", (copy.log_id,)))
    sign_all(copy, chained(values)[1], lambda _: other)
    finding = keeper.verify(COMMIT_KEY).finding
    assert finding is not None
    assert finding.check == 5


def test_own_lines_stand_under_nothing_the_commit_key_did_not_sign(keeper: Keeper) -> None:
    """Whoever can write rows, and has no key, has nothing signed by the keys that others pin."""
    (receipt,) = keeper.bump()
    own = OwnLines(keeper.ring, keeper.on_record, keeper.clock)
    text, _, lines = receipt.checkpoint.partition("\n\n")
    origin, size, _ = text.split("\n")
    forged = f"{origin}\n{size}\n{b64encode(bytes(32)).decode()}\n"
    strange = stranger(keeper)
    for note in (f"{forged}\n{lines}", strange.sign_note(forged), strange.sign_note(text + "\n"), forged):
        with pytest.raises((BrokenState, Unavailable)):
            own.contribute(Publication(receipt.size, forged, note))
    with pytest.raises(BrokenState):  # a note that is sound beside a text that is not its own
        own.contribute(Publication(receipt.size, forged, receipt.checkpoint))
    assert own.contribute(Publication(receipt.size, text + "\n", receipt.checkpoint))
