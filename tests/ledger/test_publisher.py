"""The publisher: whatever is killed, whoever else publishes, tiles are those of the entries; what does not fit is not
shown."""

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest

from ledger import publisher as publisher_module
from ledger.clock import SECOND
from ledger.database import Database
from ledger.errors import BrokenState, MunimentError, Unavailable
from ledger.publication import COSIGNATURE, AddLines, KeepTiles, Line, Publication, Publish
from ledger.publisher import LEASE_SECONDS, Publisher, PublisherThread
from ledger.publishing import stated_by
from ledger.rebuilding import rebuild
from ledger.tree import root_of
from ledger.work import Answer, Request
from tests.conftest import SetClock
from tests.ledger.publishing import House, derived, log_of
from tests.ledger.toy import PERSON, Bump


@pytest.fixture
def house(database: Database, tmp_path: Path, clock: SetClock) -> Iterator[House]:
    made = log_of(database, tmp_path, clock)
    yield made
    made.close()


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages and steps so small that a test has many."""
    monkeypatch.setattr(publisher_module, "PAGE", 100)
    monkeypatch.setattr(publisher_module, "STEP", 512)


class Killed(Exception):
    """Stands for a process that ends: no handler of the product catches it."""


class Dying:
    """A `submit` that ends before or after the n-th command of some kind was carried out."""

    def __init__(self, house: House, number: int, kind: type, after: bool) -> None:
        self._house = house
        self._left = number
        self._kind = kind
        self._after = after

    def __call__(self, requests: list[Request]) -> list[Answer]:
        is_it = isinstance(requests[0].command, self._kind)
        self._left -= is_it
        if is_it and self._left == 0 and not self._after:
            raise Killed
        answers = self._house.submit(requests)
        if is_it and self._left == 0:
            raise Killed
        return answers


def published(house: House) -> int:
    return int(house.ask("SELECT coalesce(max(size), 0) FROM published WHERE log_id = {log}")[0][0])


def check(house: House) -> None:
    """Every tile of the published tree is there; beyond it only full tiles of the same tree."""
    size, leaves, tiles = published(house), house.leaves(), house.tiles()
    assert (size,) in house.ask("SELECT size FROM reached WHERE log_id = {log} AND what = 'published'") or not size
    expected, most = derived(leaves[:size]), derived(leaves)
    for name, (hashes, _) in expected.items():
        assert tiles[name][0][: len(hashes)] == hashes
    assert {name: tile for name, tile in tiles.items() if tile != expected.get(name)} == {
        name: most[name] for name, tile in tiles.items() if tile != expected.get(name)
    }
    for size, note in house.ask("SELECT size, note FROM published WHERE log_id = {log}"):
        assert stated_by(note).root == root_of(leaves[:size])


@pytest.mark.parametrize("seed", range(3))
def test_tiles_are_those_of_the_entries_after_any_appends_publications_and_kills(
    house: House, steps: None, seed: int
) -> None:
    random = Random(seed)
    for _ in range(14):
        house.append(random.choice((1, 3, 200, 256, 700)))
        act = random.randrange(4)
        if act == 0:
            house.publisher().round()
        elif act == 1:
            kind = random.choice((Publish, Publish, KeepTiles))
            dying = Dying(house, random.randint(1, 2), kind, random.random() < 0.5)
            try:
                Publisher("dying", dying, house.reader).round()
            except Killed:
                house.clock.pass_time(LEASE_SECONDS * SECOND + 1)
        elif act == 2:  # another publisher, between this one's reading and its writing
            _beside(house, random)
        check(house)
    house.clock.pass_time(LEASE_SECONDS * SECOND + 1)
    house.publisher().round()
    assert published(house) == len(house.leaves())
    check(house)


def _beside(house: House, random: Random) -> None:
    """Two publishers whose leases do not keep them apart; the other one is done while this one still works."""
    other = house.publisher("other")

    def submit(requests: list[Request]) -> list[Answer]:
        if not isinstance(requests[0].command, Publish):
            return house.submit(requests)
        if random.random() < 0.5:
            house.append(40)
        house.clock.pass_time(LEASE_SECONDS * SECOND + 1)
        other.round()
        return house.submit(requests)

    Publisher("this", submit, house.reader).round()
    house.clock.pass_time(LEASE_SECONDS * SECOND + 1)


def test_a_killed_publisher_leaves_a_state_from_which_the_next_goes_on(house: House, steps: None) -> None:
    for number, (kind, after) in enumerate([(KeepTiles, False), (KeepTiles, True), (Publish, False), (Publish, True)]):
        house.append(1_500)
        house.clock.pass_time(LEASE_SECONDS * SECOND + 1)
        with pytest.raises(Killed):
            Publisher("dying", Dying(house, 1, kind, after), house.reader).round()
        check(house)
        assert (published(house) == 1_500 * (number + 1)) == (kind is Publish and after)
        house.clock.pass_time(LEASE_SECONDS * SECOND + 1)
        house.publisher().round()
        assert published(house) == 1_500 * (number + 1)
        check(house)


def test_one_publisher_works_while_its_lease_runs(house: House) -> None:
    house.append(3)
    house.publish()
    house.submit([Request(PERSON, Bump("toy_x"), "now")])
    assert not house.publisher("q").round()
    assert published(house) == 3
    house.clock.pass_time(LEASE_SECONDS * SECOND + 1)
    assert house.publisher("q").round()
    assert published(house) == 4


def test_one_that_stops_leaves_its_place_to_the_next_at_once(house: House) -> None:
    house.append(3)
    house.publisher("p").stop()
    assert published(house) == 3
    house.submit([Request(PERSON, Bump("toy_x"), "now")])
    assert house.publisher("q").round()
    house.publisher("p").stop()  # which does not hold it any more: the one who does keeps it
    house.submit([Request(PERSON, Bump("toy_y"), "then")])
    assert not house.publisher("p").round()


def test_at_rest_nothing_is_done(house: House) -> None:
    house.append(2)
    house.publish()
    sent: list[Any] = []

    def submit(requests: list[Request]) -> list[Answer]:
        sent.extend(requests)
        return house.submit(requests)

    assert not Publisher("p", submit, house.reader).round()
    assert sent == []


@pytest.mark.parametrize("column", ["bytes", "leaf_hash"])
def test_attack_14_a_flipped_bit_is_published_by_nobody(
    house: House, column: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Attack 14."""
    house.append(400)
    value = house.owner_value(f"SELECT {column} FROM entry WHERE idx = 321")
    house.past_triggers(
        f"UPDATE entry SET {column} = ? WHERE idx = 321", value[:9] + bytes([value[9] ^ 4]) + value[10:]
    )
    publisher = house.publisher()
    for _ in range(3):
        assert not publisher.round()
    assert published(house) == 0
    assert house.tiles() == {}
    assert [r.levelname for r in caplog.records] == ["ERROR"]  # once for the outage
    assert "entry 321" in caplog.text
    house.past_triggers(f"UPDATE entry SET {column} = ? WHERE idx = 321", value)
    assert publisher.round()
    assert published(house) == 400
    check(house)


def test_entries_that_hash_but_are_not_those_that_were_signed_are_not_published(house: House) -> None:
    from ledger.chain import leaf_hash

    house.append(10)
    data = house.owner_value("SELECT bytes FROM entry WHERE idx = 4").replace(b"toy_5", b"toy_6")
    house.past_triggers("UPDATE entry SET bytes = ?, leaf_hash = ? WHERE idx = 4", data, leaf_hash(data))
    assert not house.publisher().round()
    assert published(house) == 0


def test_tiles_that_do_not_fit_what_was_published_stop_it_until_they_are_rebuilt(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.append(700)
    house.publish()
    good = house.tiles()
    hashes = good[0, 2][0]
    altered = hashes[:40] + bytes([hashes[40] ^ 1]) + hashes[41:]
    house.owner("UPDATE tile SET hashes = ? WHERE level = 0 AND number = 2", altered)
    house.owner("DELETE FROM tile WHERE level = 0 AND number = 1")
    house.append(5)
    publisher = house.publisher()
    assert not publisher.round()
    assert published(house) == 700
    assert "stopped, nothing is published" in caplog.text
    rebuilt = rebuild(house.reader, house.mend)
    assert rebuilt == (700, 4, ((0, 1), (0, 2)))
    assert house.tiles() == good
    assert rebuild(house.reader, house.mend).mended == ()
    assert publisher.round()
    check(house)


def test_nothing_is_rebuilt_from_entries_that_are_not_those_published(house: House) -> None:
    house.append(300)
    house.publish()
    before = house.tiles()
    house.past_triggers("UPDATE entry SET leaf_hash = ? WHERE idx = 7", bytes(32))
    with pytest.raises(BrokenState, match="root published"):
        rebuild(house.reader, house.mend)
    assert house.tiles() == before


def test_the_mark_is_told_each_publication_and_stops_none(house: House, caplog: pytest.LogCaptureFixture) -> None:
    house.append(3)
    house.publish()
    assert [mark.size for mark in house.marks] == [3]

    def fail(_: Publication) -> None:
        raise Unavailable("MARK", "disk full")

    house.append(1)
    publisher = house.publisher()
    publisher.mark = fail
    assert publisher.round()
    assert published(house) == 4
    assert "disk full" in caplog.text


class Signer:
    """A contributor whose behaviour a test sets."""

    def __init__(self, name: str, act: Callable[[Publication], Sequence[Line]]) -> None:
        self.name = name
        self.contribute = act


def _line(publication: Publication, key: str, kind: str = COSIGNATURE) -> list[Line]:
    return [Line(publication.size, key, kind, f"\u2014 {key} AAAAAAA=\n".encode(), 1)]


def test_a_contributor_that_fails_or_hangs_delays_itself_alone(
    house: House, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher_module, "RETRY_SECONDS", 0.01)
    monkeypatch.setattr(publisher_module, "STOP_SECONDS", 0.1)
    release, good, failed_again, at_desk = threading.Event(), threading.Event(), threading.Event(), threading.Lock()
    tries: list[int] = []

    def submit(requests: list[Request]) -> list[Answer]:
        with at_desk:
            answers = house.submit(requests)
        if isinstance(requests[0].command, AddLines) and requests[0].command.what == "good":
            good.set()
        return answers

    def fail(publication: Publication) -> Sequence[Line]:
        tries.append(publication.size)
        if len(tries) == 3:
            failed_again.set()
        if len(tries) % 2:
            raise Unavailable("WITNESS", "no answer")
        raise ZeroDivisionError

    def hang(_: Publication) -> Sequence[Line]:
        release.wait()
        return ()

    contributors = (Signer("bad", fail), Signer("slow", hang), Signer("good", lambda p: _line(p, "aa")))
    publisher = Publisher("p", submit, house.reader, contributors)
    house.append(3)
    publisher.start()
    assert publisher.round()
    assert good.wait(20)
    assert failed_again.wait(20)
    assert house.ask("SELECT what, size FROM reached WHERE log_id = {log} AND what = 'good'") == [("good", 3)]
    assert published(house) == 3
    publisher.stop()
    release.set()
    for thread in threading.enumerate():  # what hung goes on to the desk, which must still be there
        if thread.name.startswith("contributor-"):
            thread.join(20)
    assert len([r for r in caplog.records if "contributor bad" in r.message]) == 1


def test_after_a_start_contributors_that_are_behind_are_given_the_newest_publication(house: House) -> None:
    house.append(3)
    house.publish()
    house.append(2)
    house.publish()
    seen: list[int] = []
    done = threading.Event()

    def act(publication: Publication) -> Sequence[Line]:
        seen.append(publication.size)
        done.set()
        return _line(publication, "aa")

    publisher = Publisher("p", house.submit, house.reader, (Signer("w", act),))
    publisher.start()
    assert done.wait(20)
    publisher.stop()
    assert seen == [5]
    again = Publisher("p", house.submit, house.reader, (Signer("w", act),))
    again.start()
    again.stop()
    assert seen == [5]


def test_the_thread_publishes_and_flushes_when_it_stops(house: House) -> None:
    marked = threading.Event()
    at_desk = threading.Lock()

    def submit(requests: list[Request]) -> list[Answer]:
        with at_desk:
            return house.submit(requests)

    publisher = Publisher("p", submit, house.reader, mark=lambda _: marked.set())
    thread = PublisherThread(publisher, every=0.01)
    house.append(3)
    thread.start()
    assert marked.wait(20)
    with at_desk:
        house.append(4)
    thread.stop()
    assert published(house) == 7


def test_what_cannot_be_reached_is_waited_for(house: House, caplog: pytest.LogCaptureFixture) -> None:
    marked = threading.Event()
    tries: list[int] = []

    def submit(requests: list[Request]) -> list[Answer]:
        tries.append(1)
        if len(tries) < 4:
            raise MunimentError("the writer is away")
        return house.submit(requests)

    house.append(3)
    thread = PublisherThread(Publisher("p", submit, house.reader, mark=lambda _: marked.set()), every=0.01)
    thread.start()
    assert marked.wait(20)
    thread.stop()
    assert published(house) == 3
    assert [r.levelname for r in caplog.records] == ["ERROR", "WARNING"]
