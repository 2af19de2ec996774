"""The pause before another try: within the half and the whole of what is said, spread, and always the same."""

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.deadlines import backoff
from orchestrator.durations import microseconds
from versioning.blueprint import Retry

RETRIES = st.builds(
    Retry,
    st.just(9),
    st.sampled_from(("exponential", "fixed")),
    st.sampled_from(("PT1S", "PT2S", "PT1H")),
    st.sampled_from(("PT10M", "P30D")),
)


@given(RETRIES, st.integers(1, 10_000), st.text(max_size=20), st.integers(1, 10**9))
def test_it_is_bounded_and_the_same_whoever_works_it_out(
    retry: Retry, failures: int, instance: str, number: int
) -> None:
    whole = microseconds(retry.first)
    if retry.backoff == "exponential":
        whole = min(microseconds(retry.limit), whole * 2 ** min(failures - 1, 60))
    pause = backoff(retry, failures, (instance, number))
    assert whole / 2 <= pause <= whole
    assert pause == backoff(retry, failures, (instance, number))


def test_what_failed_for_many_at_one_moment_does_not_come_again_at_one_moment() -> None:
    retry, buckets = Retry(3, "fixed", first="PT1M"), [0] * 10
    for place in range(1_000):
        share = backoff(retry, 1, (f"pi_{place}", 1)) / microseconds("PT1M")
        buckets[min(9, int((share - 0.5) * 20))] += 1
    assert min(buckets) > 60  # of a hundred each: no tenth of the time is left out


def test_each_try_of_an_activation_has_a_place_of_its_own() -> None:
    retry = Retry(3, "fixed", first="PT1M")
    assert len({backoff(retry, failures, ("pi_a", number)) for failures in (1, 2, 3) for number in (1, 2)}) == 6
