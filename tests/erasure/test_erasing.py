"""What an erasure does and what it leaves: values gone, proofs whole, everybody else's values as they were."""

from pathlib import Path
from typing import Any

import pytest

from ledger.actor import SYSTEM
from ledger.epochs import EpochGone
from ledger.erasure import BeginEpoch, CarryOutErasures, Ground, RequestErasure, Work
from ledger.errors import Unavailable
from ledger.reading import ENTRIES_MAX
from ledger.reconciling import is_behind, reconcile
from ledger.refusal import Reason, Refusal
from ledger.tables import DATA_KEY, OPENING
from ledger.work import Done
from tests.erasure.house import SECRETS, Fences, Keep, Process, copy_database, copy_keys, toy_payload


def test_the_erased_is_gone_and_all_else_opens(house: Process) -> None:
    assert house.opened(SECRETS) == SECRETS
    assert isinstance(house.erase("ds_1"), Done)
    assert house.opened(SECRETS) == {**SECRETS, "toy_1": None}
    report = house.verify()
    assert report.is_sound, report.words()


def test_the_certificate_says_what_was_destroyed(house: Process) -> None:
    house.erase("ds_1")
    with house.reader.view() as view:
        (carried, requested) = view.history("ds_1", limit=ENTRIES_MAX)
        vault = [toy_payload(row.bytes) for row in view.history("vault")]
    certificate = toy_payload(carried.bytes)
    assert toy_payload(requested.bytes)["ground"] == "consent-withdrawn"
    assert certificate["classes"] == ["personal"]
    assert certificate["epoch"] == 1
    assert (certificate["openings"], certificate["values"]) == (1, 2)
    ((index, part, values),) = certificate["destroyed"]
    assert (part, values) == (1, 2) or (part, values) == (0, 2)
    assert index == 2
    assert [entry["epoch"] for entry in vault] == [1, 1, 1]  # begun, settled, ended
    assert vault[1]["data_keys"] == len(SECRETS)  # three subjects and what is about nobody


def test_no_row_and_no_older_key_is_left(house: Process) -> None:
    house.erase("ds_1")
    connection = house.database.connect(read_only=True)
    log_id = house.log.log_id
    assert connection.load(log_id, DATA_KEY, [("ds_1", "personal")]) == []
    epochs = connection.query(log_id, "SELECT DISTINCT epoch FROM data_key WHERE log_id = {log}", ())
    subjects = connection.query(log_id, "SELECT DISTINCT data_subject FROM opening WHERE log_id = {log}", ())
    connection.close()
    assert epochs == [(1,)]
    assert ("ds_1",) not in subjects
    with pytest.raises(EpochGone):
        house.log.secrets.vault.ring.cipher(0)
    assert sorted(path.name for path in (house.keys / "acme" / "epochs").iterdir()) == ["0001.kek", "0001.keys", "lock"]
    assert all(path.stat().st_mode & 0o077 == 0 for path in (house.keys / "acme" / "epochs").iterdir())


def test_erasures_follow_each_other(house: Process) -> None:
    for n in (0, 2, 3):
        assert isinstance(house.erase(f"ds_{n}"), Done)
    assert house.opened(SECRETS) == {subject: SECRETS[subject] if subject == "toy_1" else None for subject in SECRETS}
    assert house.verify().is_sound
    assert house.log.secrets.vault.ring.newest == 3


def test_several_are_carried_out_in_one_epoch(house: Process) -> None:
    for n in (0, 2):
        house.send(RequestErasure(f"ds_{n}", Ground.OBJECTION))
    assert house.eraser.carry_out() == 2
    assert not house.eraser.is_wanted()
    assert house.log.secrets.vault.ring.newest == 1
    assert house.verify().is_sound


def test_only_the_classes_asked_for_go(house: Process) -> None:
    house.send(Keep("toy_1", "ds_1", (("diagnosis", "told in confidence"),), "special"))
    house.erase("ds_1", classes=("special",))
    connection = house.database.connect(read_only=True)
    left = connection.query(house.log.log_id, "SELECT record_class FROM data_key WHERE data_subject = 'ds_1'", ())
    connection.close()
    assert left == [("personal",)]
    assert house.verify().is_sound


def test_what_came_after_the_request_goes_too(house: Process) -> None:
    house.send(RequestErasure("ds_1", Ground.OBJECTION))
    house.send(Keep("toy_1", "ds_1", (("secret", "said later"),)))
    house.eraser.carry_out()
    assert house.opened({"toy_1": ""}) == {"toy_1": None}
    assert house.verify().is_sound


def test_what_comes_while_it_is_carried_out_is_found_under_the_head(
    house: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.send(RequestErasure("ds_1", Ground.OBJECTION))
    run = house.run

    def late(request: Any) -> Any:
        if isinstance(request.command, CarryOutErasures) and request.command.work:
            house.send(Keep("toy_9", "ds_1", (("secret", "said at the last moment"),)))
        return run(request)

    monkeypatch.setattr(house, "run", late)
    object.__setattr__(house.eraser, "run", late)
    house.eraser.carry_out()
    assert house.opened({"toy_9": ""}) == {"toy_9": None}
    assert house.verify().is_sound


def test_a_data_key_made_in_the_new_epoch_waits_for_the_next(house: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    house.send(RequestErasure("ds_1", Ground.OBJECTION))
    run = house.run
    seen: list[int] = []

    def late(request: Any) -> Any:
        answer = run(request)
        if isinstance(request.command, BeginEpoch) and not seen:
            seen.append(request.command.epoch)
            house.send(Keep("toy_9", "ds_1", (("secret", "of the new epoch"),), "special"))
        return answer

    monkeypatch.setattr(house, "run", late)
    object.__setattr__(house.eraser, "run", late)
    assert house.eraser.carry_out() == 1
    assert house.log.secrets.vault.ring.newest == 2  # a backup between would hold the key, wrapped in epoch 1
    assert house.opened({"toy_9": ""}) == {"toy_9": None}
    assert house.verify().is_sound


@pytest.mark.parametrize("how", ["held", "running"])
def test_what_stands_against_it_is_refused_and_recorded(house: Process, fences: Fences, how: str) -> None:
    getattr(fences, how).add("ds_1")
    outcome = house.send(RequestErasure("ds_1", Ground.OBJECTION))
    assert isinstance(outcome, Refusal)
    assert outcome.reason is (Reason.ON_HOLD if how == "held" else Reason.STILL_RUNNING)
    with house.reader.view() as view:
        (row, *_) = view.history("ds_1")
    assert toy_payload(row.bytes)["reason"] == outcome.reason.value
    assert house.opened(SECRETS) == SECRETS


def test_a_hold_placed_after_the_request_defers_it(house: Process, fences: Fences) -> None:
    house.send(RequestErasure("ds_1", Ground.OBJECTION))
    fences.held.add("ds_1")
    assert house.eraser.carry_out() == 0
    assert house.opened(SECRETS) == SECRETS
    fences.held.clear()
    assert house.eraser.carry_out() == 1
    assert house.opened(SECRETS)["toy_1"] is None


def test_a_hold_placed_while_it_is_carried_out_wins(house: Process, fences: Fences) -> None:
    for n in (1, 2):
        house.send(RequestErasure(f"ds_{n}", Ground.OBJECTION))
    run = house.run

    def late(request: Any) -> Any:
        if isinstance(request.command, CarryOutErasures):
            fences.held.add("ds_1")
        return run(request)

    object.__setattr__(house.eraser, "run", late)
    assert house.eraser.carry_out() == 1
    assert house.opened(SECRETS) == {**SECRETS, "toy_2": None}
    assert house.verify().is_sound


def test_who_may_not_and_what_is_not_there(house: Process) -> None:
    from tests.ledger.toy import PERSON

    for subject in ("ds_nobody", "ds_unknown", "person:officer", ""):
        outcome = house.send(RequestErasure(subject, Ground.OBJECTION))
        assert isinstance(outcome, Refusal)
        assert outcome.reason is Reason.NOT_FOUND
    assert house.send(RequestErasure("ds_1", Ground.OBJECTION, classes=("special",))).reason is Reason.NOT_FOUND
    assert isinstance(house.send(RequestErasure("ds_1", Ground.OBJECTION)), Done)
    assert house.send(RequestErasure("ds_1", Ground.OBJECTION)).reason is Reason.WRONG_STATE
    house.access.denied = frozenset((PERSON.id,))
    assert house.send(RequestErasure("ds_2", Ground.OBJECTION)).reason is Reason.NO_RULE


def test_the_steps_in_between_are_the_systems_own(house: Process) -> None:
    for command in (BeginEpoch(1), CarryOutErasures(1, (), 0)):
        assert house.send(command).reason is Reason.DENIED


def test_an_epoch_is_not_settled_over_an_older_data_key(house: Process) -> None:
    asked = house.send(RequestErasure("ds_1", Ground.OBJECTION)).result["erasure"]
    house.eraser._files.create(1)
    assert isinstance(house.send(BeginEpoch(1), SYSTEM), Done)
    refused = house.send(CarryOutErasures(1, (Work("ds_1", asked, ()),), 0), SYSTEM)
    assert refused.reason is Reason.WRONG_STATE  # the others are not wrapped anew yet, and would be lost
    assert house.eraser.carry_out() == 1
    assert house.opened(SECRETS) == {**SECRETS, "toy_1": None}


def test_other_processes_notice_at_once(house: Process, clock: Any) -> None:
    other = Process(house.database, house.keys, clock, house.fences)
    assert other.opened(SECRETS) == SECRETS  # its data keys are in memory now
    house.erase("ds_1")
    assert other.opened(SECRETS) == {**SECRETS, "toy_1": None}
    assert list(other.log.secrets.vault.ring.keys) == [1]
    assert ("ds_1", "personal") not in other.log.secrets.vault._ciphers
    assert isinstance(other.send(Keep("toy_9", "ds_9", (("secret", "new"),))), Done)
    connection = house.database.connect(read_only=True)
    ((epoch,),) = connection.query(house.log.log_id, "SELECT epoch FROM data_key WHERE data_subject = 'ds_9'", ())
    connection.close()
    assert epoch == 1
    assert house.opened({"toy_9": ""}) == {"toy_9": "new"}
    other.close()


def test_one_process_at_a_time(house: Process) -> None:
    with house.eraser._files.locked(), pytest.raises(Unavailable, match="another process"):
        house.eraser.carry_out()


def test_old_receipts_and_commitments_stay(house: Process) -> None:
    with house.reader.view() as view:
        before = [row.bytes for row in view.entries(0, view.head.size)]
    house.erase("ds_1")
    with house.reader.view() as view:
        assert [row.bytes for row in view.entries(0, len(before))] == before


def test_a_lost_opening_is_told_from_an_erased_one(house: Process, tmp_path: Path, server: Any) -> None:
    house.erase("ds_1")
    connection = house.database.connect()
    connection.begin(house.log.log_id, [])
    (lost, *_) = connection.query(
        house.log.log_id, "SELECT idx, part FROM opening WHERE data_subject = 'ds_2' AND log_id = {log}", ()
    )
    keys = ("ds_2", "personal")
    from ledger.connection import Write

    connection.finish(house.log.log_id, [Write(OPENING, (), (), [lost]), Write(DATA_KEY, (), (), [keys])], None)
    connection.close()
    finding = house.verify().finding
    assert finding is not None
    assert (finding.check, finding.fault.value) in ((10, "missing"), (10, "altered"))


def test_another_part_of_a_command_with_an_erased_one_is_missed(house: Process) -> None:
    house.erase("ds_1")
    from ledger.connection import Write

    connection = house.database.connect()
    connection.begin(house.log.log_id, [])
    rows = connection.query(house.log.log_id, "SELECT idx, part FROM opening WHERE idx = 2 AND log_id = {log}", ())
    connection.finish(house.log.log_id, [Write(OPENING, (), (), rows)], None)
    connection.close()
    finding = house.verify().finding
    assert finding is not None
    assert (finding.check, finding.fault.value, finding.index) == (10, "missing", 2)


class TestRestored:
    """A backup of before, put in place of the database after an erasure."""

    def test_survivors_open_and_the_erased_do_not(self, house: Process, tmp_path: Path, server: Any) -> None:
        house.close()
        backup = copy_database(house.database, tmp_path / "backup", server)
        house.erase("ds_1")
        restored = Process(backup, house.keys, house.clock, house.fences)
        connection = backup.connect()
        assert is_behind(restored.log, connection)
        with pytest.raises(EpochGone):
            restored.opened(SECRETS)
        assert reconcile(restored.log, connection) == (4, 1)
        assert not is_behind(restored.log, connection)
        assert reconcile(restored.log, connection) == (0, 0)
        connection.close()
        assert restored.opened(SECRETS) == {**SECRETS, "toy_1": None}
        finding = restored.verify().finding
        assert finding is not None
        assert (finding.check, finding.fault.value) == (10, "missing")
        with pytest.raises(Unavailable):
            restored.send(Keep("toy_9", "ds_1", (("secret", "new"),)))
        assert isinstance(restored.erase("ds_1"), Done)  # so that this log, too, has a certificate
        assert restored.verify().is_sound, restored.verify().words()
        assert isinstance(restored.erase("ds_2"), Done)
        assert restored.opened(SECRETS) == {**SECRETS, "toy_1": None, "toy_2": None}
        assert restored.verify().is_sound
        restored.close()

    def test_of_several_epochs_ago(self, house: Process, tmp_path: Path, server: Any) -> None:
        house.close()
        backup = copy_database(house.database, tmp_path / "backup", server)
        for n in (1, 2, 3):
            house.erase(f"ds_{n}")
            house.send(Keep(f"toy_1{n}", f"ds_1{n}", (("secret", f"later {n}"),)))
        restored = Process(backup, house.keys, house.clock, house.fences)
        connection = backup.connect()
        assert reconcile(restored.log, connection) == (2, 3)
        connection.close()
        assert restored.opened(SECRETS) == {**dict.fromkeys(SECRETS, None), "toy_0": SECRETS["toy_0"]}
        restored.close()

    def test_a_later_data_key_is_not_taken_for_an_erased_one(self, house: Process, tmp_path: Path, server: Any) -> None:
        house.close()
        backup = copy_database(house.database, tmp_path / "backup", server)
        house.erase("ds_1")
        house.send(Keep("toy_9", "ds_1", (("secret", "of a later time"),)))  # another data key of the same name
        house.erase("ds_2")  # which outlives this epoch
        restored = Process(backup, house.keys, house.clock, house.fences)
        connection = backup.connect()
        assert reconcile(restored.log, connection) == (3, 2)
        connection.close()
        assert restored.opened(SECRETS) == {**SECRETS, "toy_1": None, "toy_2": None}
        restored.close()

    def test_an_old_key_folder_is_all_that_could_revive_it(self, house: Process, tmp_path: Path, server: Any) -> None:
        """Said aloud in the runbook: who keeps an old copy of the keys beside an old copy of the database, has both."""
        house.close()
        backup = copy_database(house.database, tmp_path / "backup", server)
        old = copy_keys(house.keys, tmp_path / "old keys")
        house.erase("ds_1")
        revived = Process(backup, old, house.clock, house.fences)
        assert revived.opened(SECRETS) == SECRETS
        revived.close()
