"""A small log, sound, and copies of it to attack; logs with a witness, with keys that change and with values that are
erased: the same fixtures as the tests of those parts."""

from tests.erasure.conftest import fences, house
from tests.ledger.test_key_life import keeper
from tests.ledger.test_verify import log, server, sound
from tests.witness.test_split_view import copy, scene

__all__ = ["copy", "fences", "house", "keeper", "log", "scene", "server", "sound"]
