"""The list of reason codes as a governed artefact: read, released, ended."""

import pytest

from ledger import canonical
from ledger.errors import BrokenInput
from ledger.work import Done
from tests.versioning.change.memory import Log
from tests.versioning.change.world import ANNA, BEN, CARA, OpenAccess, done, reviewed
from versioning import fold, service, tables
from versioning.commands import ProposeChange, ReleaseChange, RetireArtefact
from versioning.control import Deps
from versioning.kinds.reason_code_list import CODES_MAX, ReasonCodeListKind, read_reason_code_list

KIND = "reason-code-list"
SOURCE = """\
reason-code-list: refusals
title: Reasons
codes:
  - {code: too-dear, words: It costs too much}
  - {code: "07", words: It came too late}
"""


def _log() -> Log:
    deps = Deps({KIND: ReasonCodeListKind()}, OpenAccess(), "organisation")
    return Log(fold.folds(), service.commands(deps), tables.TABLES)


def _carry(log: Log, made: Done) -> None:
    done(reviewed(log, BEN, dict(made.result)))
    done(log.run(CARA, ReleaseChange(made.result["change_request"])))


def test_a_list_is_read_into_its_canonical_value() -> None:
    value = read_reason_code_list(SOURCE)
    assert value == {
        "name": "refusals",
        "title": "Reasons",
        "codes": [
            {"code": "too-dear", "words": "It costs too much"},
            {"code": "07", "words": "It came too late"},
        ],
    }
    canonical.encode(value)
    assert read_reason_code_list(SOURCE.replace("title: Reasons\n", ""))["title"] == "refusals"


@pytest.mark.parametrize(
    ("before", "after", "location", "message"),
    [
        ("refusals", "Refusals", "1:19", "the name of a list"),
        ("title: Reasons", "titel: Reasons", "2:1", "the key `titel`"),
        ("too-dear", "too dear", "4:12", "a code such as"),
        ('"07"', "07", "5:29", ""),
        ('"07"', "7", "5:12", "in quotes"),
        ('"07"', "too-dear", "5:12", "every code once"),
        ("words: It costs too much", "words: ''", "4:29", "words as text"),
        ("words: It costs too much", f"words: {'x' * 201}", "4:29", "at most 200"),
        ("words: It costs too much", r'words: "a\nb"', "4:29", "on one line"),
        (", words: It costs too much", "", "4:5", "expected `words`"),
        ("{code: too-dear, words: It costs too much}", "too-dear", "4:5", "as a mapping"),
    ],
)
def test_what_is_wrong_with_a_list_is_said_at_its_place(before: str, after: str, location: str, message: str) -> None:
    source = SOURCE.replace(before, after)
    if not message:  # a leading zero is text in this YAML, and so a code
        assert read_reason_code_list(source)["codes"][1]["code"] == "07"
        return
    with pytest.raises(BrokenInput) as fault:
        read_reason_code_list(source)
    assert fault.value.location == location
    assert message in fault.value.message


@pytest.mark.parametrize("count", [0, CODES_MAX + 1])
def test_a_list_has_one_code_to_two_hundred(count: int) -> None:
    codes = [f"  - {{code: c{number}, words: w}}" for number in range(count)] or ["  []"]
    with pytest.raises(BrokenInput, match="1 to 200"):
        read_reason_code_list("reason-code-list: many\ncodes:\n" + "\n".join(codes))


def test_a_list_is_released_replaced_and_ended_through_change_requests() -> None:
    log, versions = _log(), service.Versions()
    _carry(log, done(log.run(ANNA, ProposeChange(KIND, SOURCE, None, "t", "r"))))
    first = versions.current(log.uow(ANNA), KIND, "refusals")
    assert first is not None
    assert first.value == read_reason_code_list(SOURCE)
    assert log.rows.get(tables.LISTING, KIND, "refusals").title == "Reasons"
    assert canonical.decode(log.entries[-1])["kind"] == "reason_code_list.released"

    _carry(log, done(log.run(ANNA, ProposeChange(KIND, SOURCE.replace("too-dear", "dear"), 1, "t", "r"))))
    second = versions.current(log.uow(ANNA), KIND, "refusals")
    assert second is not None
    assert (second.number, second.value["codes"][0]["code"]) == (2, "dear")

    _carry(log, done(log.run(ANNA, RetireArtefact(KIND, "refusals", 2, "t", "r"))))
    assert versions.current(log.uow(ANNA), KIND, "refusals") is None
    assert log.rows.get(tables.LISTING, KIND, "refusals").retired == 1
