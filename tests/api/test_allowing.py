"""What the door of every read says to who may not: a commitment with the reason, or nothing at all."""

from api.allowing import opened
from tests.api.organisation import House
from tests.api.work import intake

SEALED = {"$commitment": "of something", "$at": 1}


def test_what_may_not_be_read_is_a_commitment_with_the_reason(house: House) -> None:
    with house.service.reader.view() as view:
        shut = opened(view, ("pi_1", "reason"), SEALED, False)
        assert opened(view, ("pi_1", "reason"), "in clear", False) == "in clear"
    assert shut == {"$commitment": "of something", "reason": "CLASS_NOT_READABLE"}


def test_who_may_do_none_of_several_acts_is_told_nothing(house: House) -> None:
    house.refused(house.get("/v1/substitutions", intake(house)), 403, "NO_RULE")
    assert house.get("/v1/substitutions", "auditor").status_code == 200
