"""`muniment calendar`: a calendar with public holidays is written and read again, and a due time is explained."""

import json
from importlib.metadata import version
from pathlib import Path

import pytest

from api.cli import run
from versioning.kinds.calendar import read_calendar

MAKE = ["calendar", "make", "--country", "GB", "--subdivision", "ENG", "--years", "2026-2027", "--zone"]


def made(capsys: pytest.CaptureFixture[str], *more: str) -> str:
    assert run([*MAKE, "Europe/London", *more]) == 0
    return capsys.readouterr().out


def test_what_is_made_states_every_holiday_and_where_it_comes_from(capsys: pytest.CaptureFixture[str]) -> None:
    text = made(capsys, "--name", "london", "--hours", "09:00-12:30, 13:30-17:00", "--day", "7 hours")
    value = read_calendar(text)
    holidays = value["holidays"]
    assert (value["name"], value["zone"], value["day_minutes"]) == ("london", "Europe/London", 420)
    assert value["hours"]["friday"] == ["09:00-12:30", "13:30-17:00"]
    assert "saturday" not in value["hours"]
    assert (holidays["source"], holidays["years"]) == (f"holidays {version('holidays')}", [2026, 2027])
    assert (holidays["country"], holidays["subdivision"]) == ("GB", "ENG")
    # As the government of the United Kingdom publishes them for England and Wales.
    days = {on: name for on, name in holidays["days"].items() if on.startswith("2026")}
    assert sorted(days) == [
        "2026-01-01", "2026-04-03", "2026-04-06", "2026-05-04", "2026-05-25", "2026-08-31", "2026-12-25", "2026-12-26",
        "2026-12-28",
    ]  # fmt: skip
    assert days["2026-12-25"] == "Christmas Day"


def test_without_more_it_is_named_after_the_country(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["calendar", "make", "--country", "NO", "--years", "2026", "--zone", "Europe/Oslo"]) == 0
    value = read_calendar(capsys.readouterr().out)
    assert (value["name"], value["holidays"]["country"], value["holidays"]["years"]) == ("no", "NO", [2026, 2026])
    assert value["holidays"]["days"]["2026-05-17"] == "Constitution Day"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"--country": "XX"}, "a country and subdivision"),
        ({"--subdivision": "XXX"}, "a country and subdivision"),
        ({"--years": "soon"}, "years such as"),
        ({"--years": "2027-2026"}, "the first before the last"),
        ({"--zone": "Europe/Nowhere"}, "a time zone"),
        ({"--hours": "9-5"}, "hours such as"),
        ({"--day": "a while"}, "one business day counts"),
    ],
)
def test_what_is_no_calendar_is_not_written(
    changes: dict[str, str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    given = {"--country": "GB", "--subdivision": "ENG", "--years": "2026", "--zone": "Europe/London", **changes}
    assert run(["calendar", "make", *[word for pair in given.items() for word in pair]]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert said in told.err


def test_a_due_time_is_explained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "london.yaml"
    path.write_text(made(capsys), encoding="utf-8")
    explain = ["calendar", "explain", str(path)]
    for start in ("2026-12-23T15:00", "2026-12-23T15:00Z", "2026-12-23T16:00+01:00"):
        assert run([*explain, "2 business days", "--from", start]) == 0
        assert capsys.readouterr().out.startswith(
            "2 business days of 8 hours from Wednesday 23 December 2026, 15:00 (Europe/London): "
            "due Tuesday 29 December 2026, 15:00; 25 December is a holiday (Christmas Day)"
        )
    assert run([*explain, "2 business days", "--from", "2026-12-23T15:00", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["due"] == "2026-12-29T15:00:00.000000Z"
    assert [one["on"] for one in told["passed"]] == ["2026-12-25", "2026-12-28"]
    assert run([*explain, "2 business days", "--from", "2027-12-31T15:00"]) == 1
    assert "not known" in capsys.readouterr().out
    for wrong, start in (("2 days", "2026-12-23T15:00"), ("2 business days", "tomorrow")):
        assert run([*explain, wrong, "--from", start]) == 2
