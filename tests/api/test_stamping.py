"""Asking an authority for tokens: one that answers, and everything else that may answer in its place."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest

from api import stamping
from api.settings import Settings
from api.stamping import EVERY, REPLY, RETRY, Authority, Renewer, Stamper, stampers
from ledger import der
from ledger.clock import SECOND, Instant
from ledger.errors import BrokenInput, MunimentError, Unavailable
from ledger.publication import Publication
from ledger.service import Reader
from ledger.timestamp import Chain, covered, imprint_of, read_response, request, wrapped
from ledger.tokens import Roots
from tests.conftest import SetClock
from tests.ledger.authority import OPEN, POLICY, serving
from tests.ledger.authority import Authority as Signing

TEXT = "ledger.example.com/acme\n7\nAAAA\n"
NOTE = f"{TEXT}\n\u2014 ledger.example.com/acme AAAAAAAA\n"
PUBLICATION = Publication(7, TEXT, NOTE)
Answering = Callable[[bytes], tuple[int, str, bytes]]


@pytest.fixture(scope="module")
def signing(tmp_path_factory: pytest.TempPathFactory) -> Signing:
    return Signing(tmp_path_factory.mktemp("authority") / "files")


def good(signing: Signing, signer: str = "good") -> Answering:
    return lambda query: (200, REPLY, signing.answer(query, signer))


def test_a_publication_is_stamped(signing: Signing, clock: SetClock) -> None:
    roots = Roots(signing.roots, POLICY)
    with serving(good(signing)) as url:
        stamper = Stamper(Authority(url, roots.check, POLICY), clock)
        (line,) = stamper.contribute(PUBLICATION)
    assert (line.size, line.kind, len(line.key_id)) == (7, "timestamp", 32)
    assert roots.check(line.value, NOTE.encode()).gen_time == line.made_at


def test_when_a_publication_is_stamped(signing: Signing, clock: SetClock) -> None:
    """Once in the period, at once when the keys changed or when asked, never twice for one size."""
    queries: list[bytes] = []

    def counted(query: bytes) -> tuple[int, str, bytes]:
        queries.append(query)
        return good(signing)(query)

    with serving(counted) as url:
        stamper = Stamper(Authority(url, Roots(signing.roots).check), clock)

        def publish(size: int, note: str = NOTE) -> int:
            return len(stamper.contribute(Publication(size, TEXT, note)))

        assert [publish(1), publish(2)] == [1, 0]
        clock.pass_time(EVERY * SECOND - 1)
        assert publish(3) == 0
        clock.pass_time(1)
        assert [publish(1), publish(4), publish(4)] == [0, 1, 0]
        stamper.ask()
        assert [publish(4), publish(5), publish(6)] == [0, 1, 0]
        rotated = NOTE + "\u2014 ledger.example.com/acme BBBBBBBB\n"
        assert [publish(7, rotated), publish(8, rotated)] == [1, 0]
    assert len(queries) == 4
    assert len({der.members(query, der.SEQUENCE)[2].content for query in queries}) == 4  # no nonce twice


def other_nonce(signing: Signing) -> Answering:
    return lambda query: (200, REPLY, signing.answer(request(imprint_of(NOTE.encode()), 99)))


def other_imprint(signing: Signing) -> Answering:
    def answer(query: bytes) -> tuple[int, str, bytes]:
        nonce = der.integer(der.members(query, der.SEQUENCE)[2])
        return 200, REPLY, signing.answer(request(imprint_of(b"another"), nonce))

    return answer


def without_nonce(signing: Signing) -> Answering:
    at = OPEN + timedelta(days=2000)
    return lambda query: (200, REPLY, wrapped(signing.forged(imprint_of(NOTE.encode()), at)))


@pytest.mark.parametrize(
    ("answering", "told"),
    [
        (lambda signing: lambda query: (200, REPLY, b"<html>busy</html>"), "DER"),
        (lambda signing: lambda query: (200, REPLY, b""), "nothing"),
        (lambda signing: lambda query: (200, "text/html", signing.answer(query)), "text/html"),
        (lambda signing: lambda query: (500, REPLY, signing.answer(query)), "500"),
        (lambda signing: lambda query: (302, REPLY, b""), "302"),
        (lambda signing: lambda query: (200, REPLY, bytes(1 << 20)), "bytes from the authority"),
        (lambda signing: lambda query: (200, REPLY, signing.answer(b"rubbish")), "rejected"),
        (lambda signing: good(signing, "expired"), "valid when"),
        (other_nonce, "nonce"),
        (without_nonce, "nonce"),
        (other_imprint, "something else"),
    ],
)
def test_an_answer_that_is_no_token_changes_nothing(
    signing: Signing, clock: SetClock, answering: Callable[[Signing], Answering], told: str
) -> None:
    answers = [answering(signing), good(signing)]

    def answer(query: bytes) -> tuple[int, str, bytes]:
        return answers[0](query)  # the second once the first is taken away

    with serving(answer) as url:
        stamper = Stamper(Authority(url, Roots(signing.roots).check), clock)
        with pytest.raises(Unavailable, match=told):
            stamper.contribute(PUBLICATION)
        del answers[0]
        assert stamper.contribute(PUBLICATION) == ()  # not again within the minute
        clock.pass_time(RETRY)
        assert len(stamper.contribute(PUBLICATION)) == 1


def test_an_unpinned_authority(signing: Signing, clock: SetClock, tmp_path: Path) -> None:
    other = Signing(tmp_path / "files")
    with serving(good(other)) as url, pytest.raises(Unavailable, match="pinned root"):
        Stamper(Authority(url, Roots(signing.roots).check), clock).contribute(PUBLICATION)


@contextmanager
def dripping() -> Iterator[str]:
    """A server that sends the head of an answer one byte at a time, for as long as somebody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        over = threading.Event()

        def drip() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
                while not over.wait(0.02):
                    try:
                        connection.sendall(b"x")
                    except OSError:
                        return

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        finally:
            over.set()
            thread.join()


def test_no_answer_takes_longer_than_the_time_out(
    signing: Signing, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A byte now and then restarts no clock."""
    monkeypatch.setattr(stamping, "TIME_OUT", 0.3)
    with dripping() as url, pytest.raises(Unavailable, match="did not answer within"):
        Stamper(Authority(url, Roots(signing.roots).check), clock).contribute(PUBLICATION)


def test_an_authority_that_is_not_there(signing: Signing, clock: SetClock) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    for host in (f"127.0.0.1:{port}", "tsa.invalid"):
        with pytest.raises(Unavailable, match="authority"):
            Stamper(Authority(f"http://{host}/", Roots(signing.roots).check), clock).contribute(PUBLICATION)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://tsa.example.com/",
        "tsa.example.com",
        "https://",
        "http://me@tsa.example.com/",
        "http://a:b/",
        "http://a/#b",
    ],
)
def test_addresses_that_are_none(url: str) -> None:
    with pytest.raises(BrokenInput, match="MUNIMENT_TSA_URL"):
        Authority(url, lambda token, message: pytest.fail("nothing to check"))


def test_stampers_of_the_settings(signing: Signing, clock: SetClock) -> None:
    reader = cast(Reader, None)  # asked when renewals are looked for, not before
    roots = str(signing.folder / "roots.pem")
    assert stampers(Settings(), clock, reader) == ()
    url = "http://tsa.example.com/"
    made = stampers(Settings(tsa_url=url, tsa_roots=roots, tsa_policy=POLICY), clock, reader)
    assert [one.name for one in made] == ["timestamp", "timestamp-renewal"]
    for settings, told in (
        (Settings(tsa_url=url), "MUNIMENT_TSA_ROOTS"),
        (Settings(tsa_url=url, tsa_roots=roots + "x"), "can be read"),
        (Settings(tsa_url=url, tsa_roots=roots, tsa_every="often"), "MUNIMENT_TSA_EVERY"),
        (Settings(tsa_url=url, tsa_roots=roots, tsa_every="9"), "MUNIMENT_TSA_EVERY"),
        (Settings(tsa_url=url, tsa_roots=roots, tsa_policy="any"), "object identifier"),
    ):
        with pytest.raises(MunimentError, match=told):
            stampers(settings, clock, reader)


def chain(signing: Signing, signer: str) -> Chain:
    token = read_response(signing.answer(request(imprint_of(covered(NOTE)), 5), signer))
    return Chain(7, NOTE, (token,), (Roots(signing.roots).check(token, covered(NOTE)),))


def test_a_chain_that_runs_out_is_renewed(signing: Signing) -> None:
    """By the clock `short` runs out in ten days, and its successor signs already."""
    kept = chain(signing, "short")
    clock = SetClock(kept.stamps[0].valid_until - 10 * 86_400 * SECOND)
    roots = Roots(signing.roots)
    with serving(good(signing, "next")) as url:
        renewer = Renewer(Authority(url, roots.check), clock, lambda: [kept])
        (line,) = renewer.contribute(Publication(50, TEXT, NOTE))
        assert renewer.contribute(PUBLICATION) == ()  # not before an hour is over
    assert line.size == 7
    assert roots.check(line.value, covered(NOTE, kept.tokens)).valid_until > kept.stamps[0].valid_until


def test_a_renewal_that_lives_no_longer_is_not_kept(signing: Signing) -> None:
    kept = chain(signing, "short")
    clock = SetClock(kept.stamps[0].valid_until - 10 * 86_400 * SECOND)
    with serving(good(signing, "short")) as url:
        assert Renewer(Authority(url, Roots(signing.roots).check), clock, lambda: [kept]).contribute(PUBLICATION) == []
    early = SetClock(int(Instant(kept.stamps[0].gen_time)) - 400 * 86_400 * SECOND)
    with serving(lambda query: pytest.fail("nothing is due")) as url:
        assert Renewer(Authority(url, Roots(signing.roots).check), early, lambda: [kept]).contribute(PUBLICATION) == []


def test_renewals_fail_aloud_when_there_are_none(signing: Signing) -> None:
    kept = chain(signing, "short")
    clock = SetClock(kept.stamps[0].valid_until - 10 * 86_400 * SECOND)
    with serving(lambda query: (503, "text/plain", b"")) as url, pytest.raises(Unavailable, match="503"):
        Renewer(Authority(url, Roots(signing.roots).check), clock, lambda: [kept]).contribute(PUBLICATION)
