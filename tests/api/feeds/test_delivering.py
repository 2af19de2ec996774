"""Delivery by the product's own runner to a real sink that fails in every way."""

import time

import pytest

from api.feeds.commands import LeaseFeed, MoveFeed, ReplayLetter
from api.feeds.delivering import Deliverer
from api.feeds.secrets import keys_of
from ledger import canonical
from ledger.actor import SYSTEM
from ledger.chain import leaf_hash
from ledger.delivery import Move
from ledger.refusal import Reason, Refusal
from ledger.work import Request
from tests.api.feeds.sink import Sink
from tests.api.feeds.world import FEED, World, arrived


def test_entries_arrive_signed_whole_and_in_order(small: World, sink: Sink) -> None:
    small.secret(sink)
    small.put_in_force(FEED.format(address=sink.address))
    for number in range(12):
        small.write("a", "b", f"c{number % 3}", "a")
        small.write("b")
    with small.delivering():
        arrived(small, sink)
        small.write("b", "a")
        arrived(small, sink)
        sink.wait_for(lambda: small.told().lag_entries == 0)
    small.check(sink.accepted)
    assert all(request["is_signed"] for request in sink.requests)
    assert all(len(message) <= 10 for message in sink.accepted)
    assert len(sink.indexes) == len(set(sink.indexes)), "nothing failed, so nothing was sent twice"
    told = small.told()
    assert (told.cursor.sent, told.cursor.state, told.dead, told.failing_seconds) == (
        len(sink.indexes),
        "running",
        0,
        0,
    )


def test_what_arrives_is_the_entry_itself_and_opens_nothing(small: World, sink: Sink) -> None:
    small.secret(sink)
    small.put_in_force(FEED.format(address=sink.address))
    small.write("account-of-somebody", secret_word="unspoken")
    with small.delivering():
        arrived(small, sink)
    body = b"".join(request["body"] for request in sink.requests)
    assert b"unspoken" not in body
    assert b"account-of-somebody" not in body
    event = sink.accepted[0][0]
    with small.reader.view() as view:
        row = view.entry(int(event["index"]))
        assert row is not None
        assert canonical.encode(event["data"]) == row.bytes
        assert leaf_hash(canonical.encode(event["data"])) == row.leaf_hash
        payload = event["data"]["payload"]
        assert view.unseal(event["subject"], "data", payload["data"]) == {"secret_word": "unspoken"}
    assert payload["data"].keys() == {"$commitment"}


FAILURES = ["reset", "silence", "drip", 500, 429, "busy", "redirect", 401, "huge", 204]


@pytest.mark.parametrize("failure", FAILURES)
def test_a_sink_that_fails_is_tried_again_until_it_accepts(lone: World, sink: Sink, failure: object) -> None:
    lone.secret(sink)
    lone.put_in_force(FEED.format(address=sink.address))
    sink.script = [failure]
    lone.write("a", "b")
    lone.write("a")
    with lone.delivering():
        arrived(lone, sink)
        sink.wait_for(lambda: lone.told().lag_entries == 0)
    lone.check(sink.accepted)
    ids = [request["id"] for request in sink.requests]
    assert len(ids) == (1 if failure in ("huge", 204) else 3)
    assert lone.told().dead == 0


def test_every_try_of_one_message_has_one_id_and_its_own_time(lone: World, sink: Sink) -> None:
    lone.secret(sink)
    lone.put_in_force(FEED.format(address=sink.address).replace("attempts_max: 2", "attempts_max: 9"))
    sink.script = [500, 500, "busy"]
    lone.write("a")
    with lone.delivering():
        arrived(lone, sink)
    assert len({request["id"] for request in sink.requests}) == 1
    assert len({request["body"] for request in sink.requests}) == 1
    times = [int(request["headers"]["webhook-timestamp"]) for request in sink.requests]
    assert times[-1] > times[0], "the sink asked for a second"


def test_a_redirect_is_not_followed(lone: World, sink: Sink) -> None:
    lone.secret(sink)
    lone.put_in_force(FEED.format(address=f"{sink.address}/here"))
    sink.script = ["redirect", "redirect"]
    lone.write("a")
    with lone.delivering():
        arrived(lone, sink)
    assert len(sink.requests) == 3


def test_a_dead_letter_holds_its_subjects_alone_and_is_replayed_in_order(small: World, sink: Sink) -> None:
    small.secret(sink)
    small.put_in_force(FEED.format(address=sink.address))
    first = small.write("bad", "along")
    sink.refuses = {small.subjects[first[0]]}
    rest = [small.write("good"), small.write("bad"), small.write("along"), small.write("good")]
    with small.delivering():
        sink.wait_for(lambda: set(rest[0] + rest[3]) <= set(sink.indexes))
        sink.wait_for(lambda: small.told().cursor.letters == 3)
        assert not set(first + rest[1] + rest[2]) & set(sink.indexes)
        told = small.told()
        assert (told.dead, told.cursor.state, told.lag_entries) == (1, "running", 0)
        sink.refuses = set()
        before = small.reader
        small.do(ReplayLetter("audit", first[0]))
        arrived(small, sink)
        sink.wait_for(lambda: small.told().cursor.letters == 0)
        assert before is small.reader
    small.check(sink.accepted)


def test_a_replay_is_an_entry_and_needs_the_permission_and_a_dead_letter(lone: World, sink: Sink) -> None:
    lone.secret(sink)
    lone.put_in_force(FEED.format(address=sink.address))
    (index,) = lone.write("bad")
    sink.refuses = {lone.subjects[index]}
    with lone.delivering():
        sink.wait_for(lambda: lone.told().dead == 1)
    denied = lone.send(ReplayLetter("audit", index), "reviewer").outcome
    assert isinstance(denied, Refusal)
    assert denied.reason is Reason.NO_RULE
    for feed, first in (("audit", index + 1), ("other", index)):
        missing = lone.send(ReplayLetter(feed, first)).outcome
        assert isinstance(missing, Refusal)
        assert missing.reason is Reason.NOT_FOUND
    answer = lone.send(ReplayLetter("audit", index))
    assert answer.receipt is not None
    with lone.reader.view() as view:
        row = view.entry(answer.receipt.index)
    assert row is not None
    entry = canonical.decode(row.bytes)
    assert (entry["kind"], entry["subject"]) == ("feed.replayed", "feed:audit")
    assert entry["payload"]["first"] == index
    assert entry["actor"]["id"] == lone.persons["owner"]
    again = lone.send(ReplayLetter("audit", index)).outcome
    assert isinstance(again, Refusal)
    assert again.reason is Reason.WRONG_STATE


def test_a_sink_that_is_gone_stops_the_feed_until_a_replay(lone: World, sink: Sink) -> None:
    lone.secret(sink)
    lone.put_in_force(FEED.format(address=sink.address))
    first = lone.write("a")
    lone.write("b")
    sink.script = [410]
    with lone.delivering():
        sink.wait_for(lambda: lone.told().cursor.state == "stopped")
        time.sleep(0.6)  # two looks of the runner: it would send now if it did not stop
        assert len(sink.requests) == 1
        lone.do(ReplayLetter("audit", first[0]))
        arrived(lone, sink)
    lone.check(sink.accepted)


def test_a_sink_out_of_reach_never_makes_a_dead_letter(lone: World, sink: Sink) -> None:
    lone.secret(sink)
    closed = "http://127.0.0.1:9"
    lone.put_in_force(FEED.format(address=closed).replace("attempts_max: 2", "attempts_max: 1"))
    lone.write("a")
    with lone.delivering():
        sink.wait_for(lambda: lone.told().cursor.fault != "" and lone.told().cursor.attempts >= 3)
    told = lone.told()
    # Not named in EGRESS_ALLOW, so not even tried.
    assert (told.cursor.fault, told.dead, told.lag_entries > 0) == ("NOT_ALLOWED", 0, True)


def test_without_its_secret_nothing_is_sent(lone: World, sink: Sink) -> None:
    lone.put_in_force(FEED.format(address=sink.address))
    lone.write("a")
    with lone.delivering():
        sink.wait_for(lambda: lone.told().cursor.fault == "NO_SECRET")
        assert sink.requests == []
        lone.secret(sink)
        arrived(lone, sink)


def test_a_lost_cursor_and_lost_letters_send_again_and_skip_nothing(small: World, sink: Sink) -> None:
    small.secret(sink)
    small.put_in_force(FEED.format(address=sink.address))
    bad = small.write("bad")
    sink.refuses = {small.subjects[bad[0]]}
    small.write("good")
    small.write("bad")
    with small.delivering():
        sink.wait_for(lambda: small.told().cursor.letters == 2)
    _destroy(small, "DELETE FROM feed_letter WHERE idx = (SELECT MAX(idx) FROM feed_letter)")
    sink.refuses = set()
    small.do(ReplayLetter("audit", bad[0]))  # counts the letters anew, and must not take the lost one for done
    with small.delivering():
        small.write("other")
        arrived(small, sink)
        sink.wait_for(lambda: small.told().cursor.letters == 0)
    small.check(sink.accepted)
    sent = len(sink.indexes)
    _destroy(small, "DELETE FROM feed_cursor")
    with small.delivering():
        sink.wait_for(lambda: len(sink.indexes) >= sent + sum(map(len, small.written)))
    small.check(sink.accepted)


def _destroy(world: World, statement: str) -> None:
    connection = world.settings.database().connect()
    connection.begin(1, [])
    connection.query(1, f"{statement} RETURNING 1", ())
    connection.finish(1, [], None)
    connection.close()


def test_two_runners_do_not_send_twice(small: World, sink: Sink) -> None:
    small.secret(sink)
    small.put_in_force(FEED.format(address=sink.address))
    with small.delivering(), small.delivering():
        for number in range(30):
            small.write(f"s{number % 4}", "t")
        arrived(small, sink)
    small.check(sink.accepted)
    assert len(sink.indexes) == len(set(sink.indexes))


def test_a_lease_is_held_and_a_lost_one_moves_nothing(lone: World, sink: Sink) -> None:
    lone.put_in_force(FEED.format(address=sink.address))

    def run(command: object) -> object:
        return lone.writer.run(Request(SYSTEM, command)).outcome

    mine = run(LeaseFeed("audit", 1, 0, "me", 60))
    assert run(LeaseFeed("audit", 1, 0, "you", 60)) == ("held", {})
    assert run(MoveFeed("audit", "le_of_somebody", Move(99), 60)) == ("lost", {})
    token = mine.result["token"]  # type: ignore[attr-defined]
    assert run(MoveFeed("audit", token, Move(3), 60)) == ("moved", {})
    assert run(MoveFeed("audit", token, Move(4), 0)) == ("moved", {})
    assert run(MoveFeed("audit", token, Move(5), 0)) == ("lost", {})
    assert lone.told().cursor.next_idx == 4
    for command in (LeaseFeed("audit", 1, 0, "me", 60), MoveFeed("audit", token, Move(9), 0)):
        denied = lone.send(command).outcome
        assert isinstance(denied, Refusal)
        assert denied.reason is Reason.DENIED


def test_a_slow_sink_does_not_delay_another(lone: World, sink: Sink) -> None:
    lone.secret(sink)
    lone.secret(sink, "other")
    sink.keys += keys_of(lone.settings.secrets_folder, "audit")
    lone.put_in_force(FEED.format(address=sink.address))
    slow = (
        FEED.format(address=f"{sink.address}").replace("feed: audit", "feed: slow").replace("1 second}", "60 seconds}")
    )
    lone.put_in_force(slow)
    sink.script = ["silence"]  # whichever comes first waits; the other goes on
    lone.write("a")
    with lone.delivering():
        sink.wait_for(lambda: sink.accepted)
        lone.write("b")
        sink.wait_for(lambda: len(sink.indexes) >= 2)
        sink.closing.set()


def test_another_version_goes_on_where_the_last_one_was_and_discloses_what_it_says(lone: World, sink: Sink) -> None:
    lone.secret(sink)
    source = FEED.format(address=sink.address)
    lone.put_in_force(source)
    lone.write("a")
    with lone.delivering():
        arrived(lone, sink)
        sink.wait_for(lambda: lone.told().lag_entries == 0)
        lone.put_in_force(source + "discloses: envelope\n", 1)
        index = lone.write("b")[0]
        arrived(lone, sink)
    assert len(sink.indexes) == 2, "nothing was sent again"
    last = sink.accepted[-1][0]
    assert int(last["index"]) == index
    assert not {"payload", "basis", "refs"} & last["data"].keys()


def test_a_retired_feed_sends_nothing_more(lone: World, sink: Sink) -> None:
    lone.secret(sink)
    lone.put_in_force(FEED.format(address=sink.address))
    lone.write("a")
    with lone.delivering():
        arrived(lone, sink)
        lone.retire("audit", 1)
        sink.wait_for(lambda: _state(lone) == "ended")
        lone.write("b")
        time.sleep(0.6)  # two looks of the runner
    assert len(sink.indexes) == 1


def _state(world: World) -> str:
    with world.reader.view() as view:
        return str(view.query("SELECT state FROM feed_cursor WHERE log_id = {log}")[0][0])


def test_a_feed_that_starts_when_it_is_released_tells_nothing_of_before(lone: World, sink: Sink) -> None:
    lone.secret(sink)
    lone.write("before")
    lone.written.clear()
    lone.put_in_force(FEED.format(address=sink.address).replace("start: 0", "start: released"))
    lone.write("after")
    with lone.delivering():
        arrived(lone, sink)
    assert sink.indexes == lone.written[0]


def test_delivering_again_finds_nothing_to_do(lone: World, sink: Sink) -> None:
    lone.secret(sink)
    lone.put_in_force(FEED.format(address=sink.address))
    lone.write("a")
    with lone.delivering():
        arrived(lone, sink)
        sink.wait_for(lambda: lone.told().lag_entries == 0)
    with lone.reader.view() as view:
        row = lone.told().cursor
        deliverer, more = Deliverer(lone.links), row._replace(next_idx=row.next_idx - 1, until=view.now)
        assert not deliverer._is_due(view, "audit", row)
        assert deliverer._is_due(view, "audit", more)
        for held in ({"until": view.now + 1}, {"next_try_at": view.now + 1}, {"state": "stopped"}):
            assert not deliverer._is_due(view, "audit", more._replace(**held))
