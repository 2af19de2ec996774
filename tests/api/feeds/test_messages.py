"""What a message looks like on the wire: modes, formats, secrets that are replaced, and what is never in it."""

import json

import pytest

from api.feeds.secrets import create, drop_old, keys_of
from ledger.chain import leaf_hash
from ledger.errors import BrokenInput
from ledger.webhook import Signed, verify
from tests.api.feeds.sink import Sink
from tests.api.feeds.world import FEED, World, arrived


@pytest.mark.parametrize(("mode", "content"), [("structured", "cloudevents+json"), ("batch", "cloudevents-batch+json")])
def test_structured_and_batch_mode(lone: World, sink: Sink, mode: str, content: str) -> None:
    lone.secret(sink)
    source = (
        FEED.format(address=sink.address).replace("time_out", f"mode: {mode}, time_out").replace("max: 10", "max: 1")
    )
    lone.put_in_force(source)
    lone.write("a")
    lone.write("a", "b")
    with lone.delivering():
        arrived(lone, sink)
    types = [request["headers"]["Content-Type"] for request in sink.requests]
    assert types == [f"application/{content}", "application/cloudevents-batch+json"], (
        "two entries of one command stay together"
    )


def test_ocsf_goes_out_as_lines(lone: World, sink: Sink) -> None:
    lone.secret(sink)
    lone.put_in_force(FEED.format(address=sink.address).replace("cloudevents", "ocsf"))
    lone.write("account-of-somebody", "b", secret_word="unspoken")
    with lone.delivering():
        arrived(lone, sink)
    assert [event["class_uid"] for event in sink.accepted[0]] == [6003, 6003]
    assert not [word for word in (b"unspoken", b"account-of") if word in sink.requests[0]["body"]]
    assert leaf_hash(sink.accepted[0][0]["raw_data"].encode())


def test_while_a_secret_is_replaced_receivers_of_either_accept(lone: World, sink: Sink) -> None:
    folder = lone.settings.secrets_folder
    lone.secret(sink)
    (old,) = keys_of(folder, "audit")
    create(folder, "audit")
    new, kept = keys_of(folder, "audit")
    assert kept == old
    lone.put_in_force(FEED.format(address=sink.address))
    lone.write("a")
    with lone.delivering():
        arrived(lone, sink)
    request = sink.requests[0]
    head = request["headers"]
    signed = Signed(head["webhook-id"], head["webhook-timestamp"], head["webhook-signature"])
    for key in (old, new):
        assert verify([key], signed, request["body"], int(signed.timestamp))
    assert drop_old(folder, "audit") == 1
    assert keys_of(folder, "audit") == (new,)


def test_a_secret_that_others_may_read_is_refused(lone: World) -> None:
    folder = lone.settings.secrets_folder
    create(folder, "audit")
    assert (folder / "audit").stat().st_mode & 0o777 == 0o600
    (folder / "audit").chmod(0o640)
    with pytest.raises(BrokenInput, match="0600"):
        keys_of(folder, "audit")


def test_no_secret_stands_in_the_log_or_the_rows(lone: World, sink: Sink) -> None:
    lone.secret(sink)
    lone.put_in_force(FEED.format(address=sink.address))
    lone.write("a")
    with lone.delivering():
        arrived(lone, sink)
    text = (lone.settings.secrets_folder / "audit").read_text().strip().removeprefix("whsec_")
    with lone.reader.view() as view:
        entries = b"".join(row.bytes for row in view.entries(0, view.head.size))
    assert text.encode() not in entries
    assert text not in json.dumps(list(lone.told().cursor))
