"""Who stands in for whom: followed over a bounded chain, and never in a circle that counts at one instant."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from governance.substitution import DEPTH_MAX, Standing, circle, stood_in_for


def standing(absent: str, substitute: str, start: int = 0, until: int = 10) -> Standing:
    return Standing(absent, substitute, start, until)


def test_followed_through_those_who_stand_in_for_others() -> None:
    found = [standing("ann", "bob"), standing("bob", "cid"), standing("dan", "cid", 5)]
    assert stood_in_for(found, "cid", 4) == ("bob", "ann")
    assert stood_in_for(found, "cid", 5) == ("bob", "dan", "ann")
    assert stood_in_for(found, "bob", 4) == ("ann",)
    assert stood_in_for(found, "cid", 10) == ()


def test_followed_over_so_many_and_no_further() -> None:
    found = [standing(f"p{number}", f"p{number + 1}") for number in range(DEPTH_MAX + 3)]
    last = f"p{DEPTH_MAX + 3}"
    assert stood_in_for(found, last, 1) == tuple(f"p{DEPTH_MAX + 2 - number}" for number in range(DEPTH_MAX))


def test_a_circle_over_several_is_named() -> None:
    found = [standing("ann", "bob"), standing("bob", "cid")]
    assert circle(found, standing("cid", "ann")) == ("cid", "ann", "bob", "cid")
    assert circle(found, standing("ann", "ann")) == ("ann", "ann")
    assert circle(found, standing("cid", "dan")) == ()


def test_a_circle_needs_one_instant_at_which_all_of_it_counts() -> None:
    found = [standing("ann", "bob", 0, 10), standing("bob", "cid", 10, 20)]
    assert circle(found, standing("cid", "ann", 0, 30)) == ()
    assert circle(found, standing("bob", "ann", 10, 20)) == ()
    assert circle(found, standing("bob", "ann", 9, 20)) == ("bob", "ann", "bob")


def layered(layers: int) -> list[Standing]:
    """Each of two persons of a layer stood in for by both of the next: no circle, and very many ways through."""
    return [
        standing(f"p{layer}.{one}", f"p{layer + 1}.{other}")
        for layer in range(layers)
        for one in range(2)
        for other in range(2)
    ]


def test_many_ways_through_a_register_are_no_circle() -> None:
    found = layered(100)
    assert circle(found, standing("boss", "p0.0")) == ()
    around = circle(found, standing("p100.1", "p0.0"))
    assert (around[0], around[1], around[-1], len(around)) == ("p100.1", "p0.0", "p100.1", 102)


def test_a_circle_is_found_at_whichever_instant_it_begins() -> None:
    found = [standing("ann", "bob", number, number + 1) for number in range(400)] + [standing("bob", "cid", 399, 500)]
    assert circle(found, standing("cid", "ann", 0, 399)) == ()
    assert circle(found, standing("cid", "ann", 0, 400)) == ("cid", "ann", "bob", "cid")


_PERSONS = st.sampled_from("abcde")
_STANDING = st.builds(
    lambda absent, substitute, start, length: Standing(absent, substitute, start, start + length),
    _PERSONS,
    _PERSONS,
    st.integers(0, 5),
    st.integers(1, 5),
)


@given(st.lists(_STANDING, max_size=12))
def test_what_is_taken_in_stands_in_a_circle_at_no_instant(wanted: list[Standing]) -> None:
    taken: list[Standing] = []
    for one in wanted:
        if not circle(taken, one):
            taken.append(one)
    for now in range(11):
        edges = {(one.absent, one.substitute) for one in taken if one.covers(now)}
        reached = {person: {to for at, to in edges if at == person} for person in "abcde"}
        for _ in "abcde":
            reached = {person: to.union(*(reached[one] for one in to)) for person, to in reached.items()}
        assert not [person for person in "abcde" if person in reached[person]]
        assert all(person not in stood_in_for(taken, person, now) for person in "abcde")


@given(st.lists(_STANDING, max_size=8), _STANDING)
def test_what_is_refused_would_stand_in_a_circle(known: list[Standing], new: Standing) -> None:
    taken: list[Standing] = []
    for one in known:
        if not circle(taken, one):
            taken.append(one)
    around = circle(taken, new)
    if not around:
        return
    assert around[0] == around[-1] == new.absent
    pairs = list(pairwise(around))
    assert pairs[0] == (new.absent, new.substitute)
    every = [*taken, new]
    assert any(
        all(any((s.absent, s.substitute) == pair and s.covers(now) for s in every) for pair in pairs)
        for now in range(11)
    )
