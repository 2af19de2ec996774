"""What a message is called by: names, keys and ids that show as what they are, and a key where it is kept."""

import pytest

from ledger.refusal import Reason
from tests.orchestrator.house import WORKER
from tests.orchestrator.office import Office
from tests.orchestrator.test_messages import WAIT, message


def test_a_message_without_a_key_is_kept_for_nobody() -> None:
    """A wait always has a key, so none would ever take it."""
    office = Office(*WAIT)
    assert office.refused(message(key=None), WORKER) is Reason.INVALID_DATA
    assert office.refused(message(key=None, keep_for=""), WORKER) is Reason.NOT_FOUND


@pytest.mark.parametrize("fields", [{"message": "m\0"}, {"key": "A-1\n"}, {"message_id": "\x9f"}])
def test_names_keys_and_ids_of_messages_hold_no_control_characters(fields: dict[str, str]) -> None:
    office = Office(*WAIT)
    assert office.refused(message(**fields), WORKER) is Reason.INVALID_DATA
    assert office.done(message(message="m \u00e9", key="\u4e2d", message_id="m-1"), WORKER).outcome == "kept"
