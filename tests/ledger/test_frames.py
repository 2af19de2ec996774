"""Frames arrive whole and in order, however the socket cuts them, and nobody waits for the other end."""

import socket
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ledger.frames import READ_BYTES, Peer


def pair() -> tuple[Peer, socket.socket]:
    here, there = socket.socketpair()
    there.setblocking(False)
    return Peer(here), there


@given(st.lists(st.binary(max_size=300)), st.lists(st.integers(0, 3_000)))
def test_frames_come_whole_however_they_are_cut(bodies: list[bytes], cuts: list[int]) -> None:
    peer, there = pair()
    sent = b"".join(len(body).to_bytes(4, "big") + body for body in bodies)
    places = sorted({0, len(sent), *(min(cut, len(sent)) for cut in cuts)})
    read: list[bytes] = []
    for start, end in pairwise(places):
        there.sendall(sent[start:end])
        read += peer.read()
    assert read == bodies
    assert peer.is_open
    assert peer.read() == []
    there.close()
    peer.close()


@given(st.lists(st.binary(max_size=300)))
def test_what_is_sent_is_what_is_read(bodies: list[bytes]) -> None:
    here, there = socket.socketpair()
    one, other = Peer(here), Peer(there)
    for body in bodies:
        one.send(body)
    read = other.read() if bodies else []
    one.close()
    assert read == bodies
    assert other.read() == []
    assert not other.is_open
    other.close()


def test_what_there_is_no_room_for_is_kept() -> None:
    here, there = socket.socketpair()
    one, other = Peer(here), Peer(there)
    bodies = [bytes([n]) * READ_BYTES for n in range(5)]
    for body in bodies:
        one.send(body)
    assert one.unsent
    read: list[bytes] = []
    while len(read) < len(bodies):
        read += other.read()
        one.flush()
    assert read == bodies
    assert one.unsent == 0
    one.close()
    other.close()


def test_an_end_that_is_gone_is_no_error_and_its_last_words_are_read() -> None:
    here, there = socket.socketpair()
    one, other = Peer(here), Peer(there)
    one.send(b"unread")
    other.send(b"last words")
    other.close()
    one.send(b"lost")
    assert (one.unsent, one.is_open) == (0, True)
    assert one.read() == [b"last words"]
    assert one.read() == []
    assert not one.is_open
    one.close()
