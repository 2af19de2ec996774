"""A small log, sound, and copies of it to attack; the same fixtures as the tests of the verifier."""

from tests.ledger.test_verify import log, server, sound

__all__ = ["log", "server", "sound"]
