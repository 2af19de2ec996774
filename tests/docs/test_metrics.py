"""A metric that a document names is one that the service tells."""

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.docs.pages import documents, name_of

NAMED = re.compile(r"\bmuniment_[a-z_]+")
NO_METRICS = {"muniment_service", "muniment_session", "muniment_form"}  # a role of the database, cookies
SOURCE = "".join((ROOT / "api" / name).read_text() for name in ("gauges.py", "metrics.py"))
WHOLE = set(re.findall(r'"(muniment_[a-z_]+)"', SOURCE))
BEGUN = {begun: set(re.findall(r'\("([a-z_]+)", "', SOURCE)) for begun in re.findall(r'"(muniment_[a-z]+_)\{', SOURCE)}


def is_told(name: str) -> bool:
    """Whether a name stands whole in the source, or is put together there; a total is told with its ending."""
    bare = name.removesuffix("_total")
    return bare in WHOLE or any(bare.removeprefix(begun) in ends for begun, ends in BEGUN.items())


def test_the_names_are_found() -> None:
    assert {"muniment_log_size", "muniment_request_seconds"} <= WHOLE
    assert set(BEGUN) == {"muniment_feed_", "muniment_witness_"}
    assert is_told("muniment_feed_sent_total")
    assert not is_told("muniment_feed_sizes")


@pytest.mark.parametrize("path", documents(), ids=name_of)
def test_a_metric_in_a_document_is_told(path: Path) -> None:
    assert [name for name in NAMED.findall(path.read_text()) if name not in NO_METRICS and not is_told(name)] == []
