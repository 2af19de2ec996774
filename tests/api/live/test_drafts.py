"""Drafts on both databases: saved, read, written anew, and swept with what they are about."""

from api.drafts.commands import SaveDraft, read_draft
from api.wiring import SWEPT
from ledger.sweeping import sweep
from ledger.work import Done
from tests.api.feeds.world import World
from versioning.commands import ProposeChange, WithdrawChange

SOURCE = "reason-code-list: drafted\ntitle: Drafted\ncodes:\n  - code: A1\n    words: One\n"


def test_a_draft_of_a_review_lives_as_long_as_the_change_request(small: World) -> None:
    made = small.do(ProposeChange("reason-code-list", SOURCE, None, "t", "r"))
    change = made["change_request"]
    saved = small.do(SaveDraft(change, {"reason": "typed"}, 0))
    assert small.send(SaveDraft(change, {"reason": "lost"}, 0)).outcome == Done("stale")
    again = small.do(SaveDraft(change, {"reason": "typed on"}, saved["version"]))
    with small.reader.view() as view:
        read = read_draft(view, small.persons["owner"], change, "")
        assert (read.version, read.content) == (again["version"], {"reason": "typed on"})
    connection = small.settings.database().connect()
    try:
        for is_over in (False, True):
            if is_over:
                small.do(WithdrawChange(change, made["revision"]))
            with small.reader.view() as view:
                sweep(connection, view.log.log_id, SWEPT, view.now)
            with small.reader.view() as view:
                ((left,),) = view.query("SELECT COUNT(*) FROM draft WHERE log_id = {log}")
                assert left == (0 if is_over else 1)
    finally:
        connection.close()
