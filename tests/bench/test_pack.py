"""Packs of many instances: what they take grows with their entries, and what is said of all of them is said once."""

import json
from dataclasses import replace
from pathlib import Path

from api.packs import BuiltPack, build_pack
from api.wiring import build_writer
from bench import cases, office
from bench.office import Office
from bench.pack import asked, room_of
from governance.questions.verdicts import verify_pack
from ledger.note import parse_vkey
from ledger.pack import read_bag
from ledger.verify.packs import Trust
from ledger.verify.plain_signatures import verify_signature
from ledger.verify.report import Status
from ledger.writer import Desk


def packed(opened: Office, count: int) -> BuiltPack:
    """A pack of so many of its cases."""
    with room_of(opened) as room:
        every = asked(room)
        request = replace(every, instances=every.instances[:count])
        built = build_pack(room, opened.auditor, room.ids.random("cmd_"), request)
    assert isinstance(built, BuiltPack)
    return built


def test_a_pack_grows_with_its_instances_and_holds_what_is_asked_of_all_of_them_once(tmp_path: Path) -> None:
    opened = office.open_office(str(tmp_path))
    desk = Desk(*build_writer(opened.settings))
    cases.live(opened, desk, 48)
    desk.close()
    one, few, many = (packed(opened, count) for count in (1, 16, 48))
    verified = verify_pack(many.data, Trust(verify_signature, parse_vkey(opened.vkey)))
    assert [verdict.status for verdict in verified.verdicts] == [Status.PASSED] * 5
    files = read_bag(many.data).payload
    answers = {name: json.loads(files[f"answers/{name}.json"]) for name in ("Q01", "Q11", "Q16", "Q30")}
    assert {name: len(told) for name, told in answers.items()} == {"Q01": 48, "Q11": 1, "Q16": 48, "Q30": 48}
    assert answers["Q11"][0]["parameters"]["instance"] is None
    assert len(answers["Q11"][0]["rows"]) >= 48
    (alone,) = json.loads(read_bag(one.data).payload["answers/Q11.json"])
    assert str(alone["parameters"]["instance"]).startswith("pi_")
    each = (len(few.data) - len(one.data)) / 15
    assert len(many.data) - len(few.data) < 1.1 * 32 * each
