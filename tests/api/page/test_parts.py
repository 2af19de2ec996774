"""The pure parts of the page: values, forms, refusals in words, the states of a proof."""

import re
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.page.fields import controls, data_of
from api.page.proving import ALTERED, BLOCK, MISFIT, PROVEN, UNSIGNED, WAITING, Blocks, Prover
from api.page.refusals import words
from api.page.rendering import STYLE
from api.page.showing import label, percent, shown, span
from ledger.chain import leaf_hash
from ledger.checkpoint import Checkpoint, format_checkpoint
from ledger.errors import BrokenInput
from ledger.keys import Ed25519Signer
from ledger.refusal import Reason
from ledger.tree import root_of
from orchestrator.pages import Expected
from versioning.blueprint import DataField

ORIGIN = "localhost/test"


@pytest.mark.parametrize("reason", list(Reason))
def test_every_refusal_has_words(reason: Reason) -> None:
    said = words(reason)
    assert said.what.endswith(".")
    assert said.do.endswith(".")
    assert reason.value not in said.what


class Row(NamedTuple):
    """An entry's row as far as a prover reads it."""

    bytes: Any
    leaf_hash: Any


def holding(signer: Ed25519Signer) -> SimpleNamespace:
    """A log whose key folder holds this key alone."""

    def signer_of(_note: str) -> Ed25519Signer:
        return signer

    return SimpleNamespace(secrets=SimpleNamespace(ring=SimpleNamespace(signer_of=signer_of)))


class Ledger:
    """What a prover asks of a view, over entries in memory; `size` is what the checkpoint covers."""

    def __init__(self, count: int, size: int) -> None:
        self.origin = ORIGIN
        self.rows = [Row(b"entry %d" % index, leaf_hash(b"entry %d" % index)) for index in range(count)]
        self.signer = Ed25519Signer(ORIGIN, Ed25519PrivateKey.generate())
        self.log = holding(self.signer)
        text = format_checkpoint(Checkpoint(ORIGIN, size, root_of([row.leaf_hash for row in self.rows[:size]])))
        self.head = SimpleNamespace(checkpoint=self.signer.sign_note(text))

    def stored(self, index: int) -> Row | None:
        return self.rows[index] if index < len(self.rows) else None

    def leaf_hashes(self, start: int, end: int) -> list[bytes]:
        return [row.leaf_hash for row in self.rows[start:end]]

    def prover(self, blocks: Blocks | None = None) -> Prover:
        view: Any = self
        return Prover(view, blocks or Blocks())


@pytest.mark.parametrize("size", [1, 2, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 77])
def test_every_entry_of_an_honest_ledger_is_proven(size: int) -> None:
    prover = Ledger(size, size).prover()
    assert {prover.state(index) for index in range(size)} == {PROVEN}


def test_kept_blocks_grow_with_the_ledger() -> None:
    blocks = Blocks()
    for size in (10, BLOCK * 2, BLOCK * 5 + 3):
        prover = Ledger(size, size).prover(blocks)
        assert {prover.state(index) for index in (0, size // 2, size - 1)} == {PROVEN}
    assert len(blocks.roots) == 5


def test_an_entry_after_the_checkpoint_waits() -> None:
    prover = Ledger(12, 10).prover()
    assert prover.state(9) == PROVEN
    assert prover.state(10) == WAITING


def test_altered_bytes_and_altered_leaves_are_told() -> None:
    ledger = Ledger(BLOCK + 9, BLOCK + 9)
    honest = ledger.rows[4]
    ledger.rows[4] = Row(b"entry 5", honest.leaf_hash)
    assert ledger.prover().state(4) == ALTERED
    ledger.rows[4] = Row(b"other", leaf_hash(b"other"))  # bytes and leaf altered together
    assert ledger.prover().state(4) == MISFIT
    assert ledger.prover().state(99_999) == ALTERED


def test_a_checkpoint_of_another_key_is_told() -> None:
    ledger = Ledger(10, 10)
    ledger.log = holding(Ed25519Signer(ORIGIN, Ed25519PrivateKey.generate()))
    prover = ledger.prover()
    assert prover.state(3) == UNSIGNED
    assert not prover.standing.is_signed


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (None, "none", "not given"),
        (True, "text", "yes"),
        (1234567, "text", "1,234,567"),
        ({"amount": "-84000.50", "currency": "GBP"}, "text", "-84,000.50 GBP"),
        ({"$decimal": "1234.5"}, "text", "1,234.5"),
        ("2026-11-22", "text", "22 Nov 2026"),
        ("0012", "text", "0012"),
        ([], "none", "none"),
        ({"$commitment": "1.x", "reason": "ERASED"}, "shut", "Erased: the value was destroyed, its commitment stands."),
    ],
)
def test_values_as_people_read_them(value: Any, kind: str, text: str) -> None:
    assert shown(value) == (kind, text)


def test_lists_of_objects_are_tables() -> None:
    drawn = shown([{"item": "paper", "quantity": 2}, {"item": "ink"}])
    assert drawn.kind == "table"
    assert drawn.value.columns == ("Item", "Quantity")
    assert drawn.value.rows[1][1].kind == "none"


def test_labels_spans_and_shares() -> None:
    assert label("risk.open_accounts") == "Risk: open accounts"
    assert span(90_061) == "1 day 1 hour"
    assert span(0) == "0 seconds"
    assert percent("0.9250") == "92.5 %"
    assert percent(None) == "none yet"


FIELDS = (
    Expected("note", DataField("note", "string", "internal", required=True)),
    Expected("count", DataField("count", "integer", "internal")),
    Expected("share", DataField("share", "number", "internal")),
    Expected("agreed", DataField("agreed", "boolean", "internal")),
    Expected("cost.total", DataField("total", "money", "internal")),
    Expected("due", DataField("due", "date", "internal")),
    Expected("names", DataField("names", "list", "internal", items=DataField("item", "string", "internal"))),
    Expected("free", None),
)


def test_a_form_becomes_data() -> None:
    form = {
        "data.note": " as written ",
        "data.count": "12",
        "data.share": "0.50",
        "data.agreed": "no",
        "data.cost.total": "1,250.00",
        "data.cost.total.currency": "gbp",
        "data.due": "2026-11-22",
        "data.names": "one\n\n two \n",
        "data.free": '{"a": [1, 2.5]}',
    }
    assert data_of(FIELDS, form) == {
        "note": " as written ",
        "count": 12,
        "share": "0.50",
        "agreed": False,
        "cost": {"total": {"amount": "1250.00", "currency": "GBP"}},
        "due": "2026-11-22",
        "names": ["one", "two"],
        "free": {"a": [1, {"$decimal": "2.5"}]},
    }
    kinds = [one.kind for one in controls(FIELDS, form, "GBP")]
    assert kinds == ["string", "integer", "number", "boolean", "money", "date", "lines", "json"]


def test_what_is_left_empty_is_null() -> None:
    assert set(data_of(FIELDS[:4], {}).values()) == {None}


@pytest.mark.parametrize(("name", "text"), [("data.count", "1.5"), ("data.count", "１"), ("data.free", "{")])
def test_a_broken_field_is_named(name: str, text: str) -> None:
    with pytest.raises(BrokenInput) as caught:
        data_of(FIELDS, {name: text})
    assert caught.value.location == name.removeprefix("data.")


def tokens(text: str) -> dict[str, str]:
    """The colours of one block of tokens."""
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", text))


def contrast(one: str, other: str) -> float:
    """WCAG 2.2: (lighter + 0.05) / (darker + 0.05) of relative luminance."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_text_stands_out_from_its_ground_in_light_and_dark() -> None:
    css = STYLE.read_text()
    light, dark = (tokens(part) for part in css.split(":root {")[1:3])
    assert light.keys() == dark.keys()
    for scheme in (light, dark):
        grounds = ("ground", "sheet", "accent-soft", "good-soft", "warn-soft", "bad-soft")
        pairs = [("ink", ground) for ground in grounds] + [("soft", "ground"), ("soft", "sheet")]
        pairs += [("soft", "accent-soft")]
        for name in ("accent", "good", "warn", "bad"):
            pairs += [(name, ground) for ground in ("ground", "sheet", f"{name}-soft")]
        pairs += [("accent-ink", "accent"), ("accent", "good-soft"), ("accent", "warn-soft")]
        weak = [pair for pair in pairs if contrast(scheme[pair[0]], scheme[pair[1]]) < 4.5]
        weak += [("edge", ground) for ground in ("ground", "sheet") if contrast(scheme["edge"], scheme[ground]) < 3]
        assert weak == []
