"""Timestamps in a database: check 8 as `muniment verify` runs it, on both databases, and what renewals read."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from ledger import publication
from ledger.batch import Batch
from ledger.clock import SECOND, Instant, SystemClock, instant_text
from ledger.database import Database
from ledger.publication import AddLines, Line, Publication, Publish
from ledger.reading import Reader
from ledger.rebuilding import rebuild
from ledger.stamped import chains_on_record, stamped_notes
from ledger.timestamp import covered, imprint_of
from ledger.tokens import Roots
from ledger.verification import Manner, Subject, verify_database
from ledger.verify.report import Fault, Report, Status, Strength
from ledger.work import Answer, Done, Request
from tests.conftest import SetClock
from tests.ledger.authority import NOW, Authority, serving
from tests.ledger.tampering import LOG, ORIGIN, Copy, write_log
from tests.ledger.toy import PERSON

MADE = NOW - timedelta(days=100)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority") / "files")


@pytest.fixture
def log(database: Database, tmp_path: Path) -> Copy:
    """A log written within seconds around MADE, published at three sizes."""
    clock = SetClock(int(MADE.timestamp()) * SECOND - 13 * SECOND)
    log = Copy(database, write_log(database, tmp_path / "keys", clock))
    for table in ("published", "published_line", "tile", "reached"):
        log.run((f"DELETE FROM {table} WHERE log_id = ?", (log.log_id,)))
    after = 0
    for size, note in log.ask("SELECT size, note FROM checkpoint WHERE log_id = {log} ORDER BY size")[2::2]:
        run(log, Publish(after, Publication(size, note.partition("\n\n")[0] + "\n", note), ()))
        after = size
    reader = Reader(log.workings.log, clock, lambda: log.database.connect(read_only=True))
    rebuild(reader, lambda command: run(log, command), lambda _, __: None)
    reader.close()
    return log


def run(log: Copy, command: Any) -> Done:
    connection = log.database.connect()
    workings = replace(log.workings, commands=publication.commands())
    (answer,) = Batch(workings, connection).run([Request(PERSON, command, None)])
    connection.close()
    assert isinstance(answer, Answer)
    assert isinstance(answer.outcome, Done)
    assert answer.outcome.outcome in ("published", "kept", "mended")
    return answer.outcome


def stamp(log: Copy, authority: Authority, *made: tuple[int, str, datetime]) -> None:
    """Tokens by (place among the published sizes, signer, time); later ones of a size renew the ones before."""
    notes = log.ask("SELECT size, note FROM published WHERE log_id = {log} ORDER BY size")
    chains: dict[int, tuple[bytes, ...]] = {}
    for place, signer, at in made:
        size, note = notes[place]
        chain = chains.get(place, ())
        token = authority.forged(imprint_of(covered(note, chain)), at, signer)
        chains[place] = (*chain, token)
        run(log, AddLines((Line(size, f"{len(chain):02}", "timestamp", token, 0),)))


def eighth(report: Report) -> tuple[Status, str]:
    return next((check.status, check.note) for check in report.checks if check.number == 8)


def test_what_is_stamped_is_anchored(log: Copy, authority: Authority) -> None:
    assert eighth(log.verify(check_token=Roots(authority.roots).check)) == (Status.NOT_RUN, "no timestamp is on record")
    stamp(log, authority, (0, "short", MADE), (2, "good", MADE), (0, "good", MADE + timedelta(days=50)))
    report = log.verify(check_token=Roots(authority.roots).check)
    status, note = eighth(report)
    assert (status, report.finding, report.strength) == (Status.PASSED, None, Strength.TIME_STAMPED)
    assert note.startswith("2 checkpoints, the last of size ")
    notes = [note for note in report.notes if "guards" not in note]
    assert len(notes) == 2
    assert instant_text(Instant(int(MADE.timestamp()) * SECOND + SECOND)) in notes[0]
    assert log.verify(check_token=Roots(authority.roots).check, vkeys=()).strength is Strength.NOT_DETERMINABLE
    blind = log.verify()
    assert (eighth(blind)[0], blind.strength) == (Status.NOT_DETERMINABLE, Strength.OPERATOR_ONLY)


def test_a_changed_token_note_or_place_is_found(log: Copy, authority: Authority) -> None:
    stamp(log, authority, (0, "good", MADE), (1, "good", MADE))
    check = Roots(authority.roots).check
    (first, note, (token,)), (second, other, _) = stamped_notes(lambda text, values: log.ask(text, *values))
    set_value = "UPDATE published_line SET value = ? WHERE log_id = ? AND size = ?"
    for value in (token[:-1], token[:-1] + bytes((token[-1] ^ 1,)), b"rubbish", b""):
        log.run((set_value, (value, log.log_id, first)))
        finding = log.finding(check_token=check)
        assert (finding.check, finding.fault) == (8, Fault.ALTERED)
        assert finding.place is not None
        assert finding.place.key == (first,)
    log.run((set_value, (token, log.log_id, second)))
    assert log.finding(check_token=check).check == 8
    log.run((set_value, (token, log.log_id, first)), (set_value, (token, log.log_id, second)))
    for changed in (other, note.replace(f"\n{first}\n", f"\n{first - 1}\n"), "no note"):
        log.run(("UPDATE published SET note = ? WHERE log_id = ? AND size = ?", (changed, log.log_id, first)))
        finding = log.finding(check_token=check)
        assert finding.fault in (Fault.FORKED, Fault.ALTERED)
        assert finding.place is not None
        assert finding.place.table == "published"


def test_history_written_anew_does_not_fit_what_was_stamped(log: Copy, authority: Authority) -> None:
    """Attack 5: whoever holds the operator's keys signs another history; the stamped note states another tree."""
    stamp(log, authority, (1, "good", MADE))
    values = [orjson.loads(entry.data) for entry in log.entries()]
    values[2]["correlation_id"] = "someone"
    log.rewrite(values, log.signer)
    log.run(*[(f"DELETE FROM {table} WHERE log_id = ?", (log.log_id,)) for table in ("tile", "reached")])
    subject = Subject(log.database, LOG, ORIGIN)  # whoever rewrites state as well: nothing of it is compared here
    alone, _ = verify_database(subject, Manner((log.signer.vkey,)))
    assert alone.finding is not None  # the published note still states the tree of before
    assert (alone.finding.check, alone.strength) == (4, Strength.OPERATOR_ONLY)
    report, _ = verify_database(subject, Manner((log.signer.vkey,), check_token=Roots(authority.roots).check))
    assert report.finding is not None
    assert report.finding.fault is Fault.FORKED


@pytest.mark.parametrize(("at", "index"), [(-timedelta(hours=1), -1), (timedelta(hours=1), 0)])
def test_a_clock_that_was_set(log: Copy, authority: Authority, at: timedelta, index: int) -> None:
    """Attack 6: the authority's time is an hour before the newest entry, or an hour after the entry that follows."""
    stamp(log, authority, (0, "good", MADE + at))
    size = next(stamped_notes(lambda text, values: log.ask(text, *values)))[0]
    finding = log.finding(check_token=Roots(authority.roots).check)
    assert (finding.check, finding.fault, finding.index) == (8, Fault.TIME_REVERSED, size + index)


def test_chains_for_renewal(log: Copy, authority: Authority) -> None:
    stamp(log, authority, (0, "short", MADE), (1, "good", MADE), (0, "good", MADE + timedelta(days=50)))
    broken = log.ask("SELECT max(size) FROM published WHERE log_id = {log}")[0][0]
    run(log, AddLines((Line(broken, "00", "timestamp", b"rubbish", 0),)))
    chains = list(chains_on_record(lambda text, values: log.ask(text, *values), Roots(authority.roots).check))
    assert [(len(chain.tokens), len(chain.stamps)) for chain in chains] == [(2, 2), (1, 1)]
    assert chains[0].size < chains[1].size < broken


def test_from_the_authority_to_check_8(database: Database, tmp_path: Path, authority: Authority) -> None:
    """The whole way: a publication, a token asked for over HTTP and kept by a command, and what verification says."""
    from api.stamping import REPLY, Stamper
    from api.stamping import Authority as Client

    clock = SetClock(SystemClock().wall() - 13 * SECOND)
    log = Copy(database, write_log(database, tmp_path / "keys", clock))
    log.run(("DELETE FROM published_line WHERE log_id = ? AND kind = 'timestamp'", (log.log_id,)))
    size, note = log.ask("SELECT size, note FROM published WHERE log_id = {log} ORDER BY size")[-1]
    shown = Publication(size, note.partition("\n\n")[0] + "\n", note)
    check = Roots(authority.roots).check
    with serving(lambda query: (200, REPLY, authority.answer(query))) as url:
        lines = Stamper(Client(url, check), clock).contribute(shown)
    run(log, AddLines(tuple(lines), "timestamp", size))
    report = log.verify(check_token=check)
    assert (eighth(report)[0], report.strength) == (Status.PASSED, Strength.TIME_STAMPED)
    (chain,) = chains_on_record(lambda text, values: log.ask(text, *values), check)
    assert (chain.size, chain.note, chain.tokens) == (size, note, (lines[0].value,))
