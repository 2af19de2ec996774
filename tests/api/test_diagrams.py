"""The drawing of a released blueprint over HTTP, and of a file on the command line: the same positions."""

import json
from pathlib import Path

import pytest

from api.cli import run
from tests.api.organisation import House
from versioning.drawing import drawing
from versioning.files import check_file
from versioning.layout import DIRECTIONS, layout, layout_value

FILE = Path(__file__).parents[2] / "examples/organisation/blueprints/invoice-approval.yaml"
DIAGRAM = "/v1/blueprints/invoice-approval/versions/1/diagram"
READER = "auditor"


def test_the_drawing_is_that_of_the_released_version(house: House) -> None:
    released = house.get("/v1/blueprints/invoice-approval/versions/1", READER).json()
    blueprint = check_file(released["source"]).blueprint
    assert blueprint is not None
    given = {direction: house.get(f"{DIAGRAM}?direction={direction}", READER) for direction in DIRECTIONS}
    for direction in DIRECTIONS:
        answer = given[direction].json()
        for edge in answer["diagram"]["edges"]:
            wording = edge["label"] and edge["label"].pop("wording")
            assert (wording is None) == (edge["label"] is None or edge["ways"][0]["cause"] == "outcome")
        assert answer.pop("diagram") == layout_value(layout(blueprint, direction))
        assert answer == {"name": "invoice-approval", "version": 1, "digest": released["digest"]}
    assert house.get(DIAGRAM, READER).json() == given["down"].json()


def test_a_drawing_is_read_by_those_who_may_read_the_blueprint(house: House) -> None:
    house.refused(house.get(DIAGRAM), 401, "NO_CREDENTIAL")
    worker = house.key("svc:document-archive", "archive-worker", domain="finance")
    assert house.get(DIAGRAM, worker).status_code == 200
    feeds = house.key("svc:siem", "feed-reader")
    plain = house.get("/v1/blueprints/invoice-approval/versions/1", feeds)
    house.refused(house.get(DIAGRAM, feeds), 403, plain.json()["reason"])


def test_no_other_direction_is_drawn(house: House) -> None:
    for wrong in ("up", "", "Right"):
        house.refused(house.get(f"{DIAGRAM}?direction={wrong}", READER), 400, "MALFORMED")


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_file_is_drawn_without_a_server(direction: str, capsys: pytest.CaptureFixture[str]) -> None:
    blueprint = check_file(FILE.read_text(encoding="utf-8")).blueprint
    assert blueprint is not None
    (drawn,) = [layout(blueprint, one) for one in DIRECTIONS if one == direction]
    assert run(["blueprint", "draw", str(FILE), "--direction", direction]) == 0
    assert capsys.readouterr().out == drawing(drawn)
    assert run(["blueprint", "draw", str(FILE), "--direction", direction, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == layout_value(drawn)


def test_what_cannot_be_read_is_not_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(FILE.read_text(encoding="utf-8").replace("first: match", "first: nowhere"), encoding="utf-8")
    assert run(["blueprint", "draw", str(path)]) == 1
    told = capsys.readouterr().out
    assert "nowhere" in told
    assert "<svg" not in told
