"""Expression languages beside ours answer by acts; those that are missing are told by name."""

import sys
from pathlib import Path

import pytest

from bench import rules
from bench.harness import Board
from bench.rules_peers import opened
from governance.rules import compile as compile_module

FAKE = """
class parser:
    @staticmethod
    def parse(source):
        print("words that are no answer")
        return source


class transformer:
    @staticmethod
    def transform(tree):
        return Expression()


class Expression:
    def evaluate(self, data):
        return data["score"] == 701
"""


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package that calls itself bkflow-feel, for child processes alone."""
    folder = tmp_path / "packages"
    (folder / "bkflow_feel").mkdir(parents=True)
    (folder / "bkflow_feel" / "__init__.py").write_text(FAKE)
    (folder / "bkflow_feel-9.9.dist-info").mkdir()
    told = "Metadata-Version: 2.1\nName: bkflow-feel\nVersion: 9.9\n"
    (folder / "bkflow_feel-9.9.dist-info" / "METADATA").write_text(told)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return tmp_path


def test_a_peer_evaluates_and_compiles(fake: Path) -> None:
    told: list[str] = []
    with opened(sys.executable, fake / "peers", told.append) as found:
        assert [one.name for one in found.opened] == ["bkflow-feel"]
        assert [text.partition(" ")[0] for text in told] == ["cel-expr-python"]
        [evaluating], [compiling] = found.evaluating(50), found.compiling(20)
        assert (evaluating.id, evaluating.target) == ("peer.bkflow-feel.evaluate", 0.0)
        assert (evaluating.round().count, compiling.round().count) == (5, 2)
        assert evaluating.said["version"] == "9.9"
    with opened(None, fake / "none", told.append) as found:
        assert found.evaluating(1) == ()


def test_the_condition_is_compiled_from_sources_that_are_never_the_same() -> None:
    """Otherwise the cache would be measured."""
    before = compile_module._compiled.cache_info()
    board = Board("rules", rounds=1)
    rules._compile(board, 3, ())
    after = compile_module._compiled.cache_info()
    assert after.hits == before.hits
    assert after.misses >= before.misses + 2 * 2 * 3  # both results, a round thrown away and one kept
    assert [one["id"] for one in board.results] == ["rules.compile", "rules.compile.ms"]
    assert board.results[1]["target"] == rules.COMPILE_MILLISECONDS
