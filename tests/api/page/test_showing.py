"""What the pages of the server are drawn with: names and texts as people read them, colours that can be told apart."""

import re

import pytest

from api.page.rendering import FOLDER, STYLE
from api.showing import label, visible


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("Grüße, 東京, مرحبا", "Grüße, 東京, مرحبا"),
        ("pay\u202e001", "pay[U+202E]001"),
        ("a\u0000b\u001bc", "a[U+0000]b[U+001B]c"),
        ("line\nline\tend", "line\nline\tend"),
        ("soft\u00adhyphen", "soft[U+00AD]hyphen"),
    ],
)
def test_what_hides_is_made_visible(text: str, expected: str) -> None:
    assert visible(text) == expected


def test_names_are_labels() -> None:
    assert label("credit-officer-1") == "Credit officer 1"
    assert label("risk.open_accounts") == "Risk: open accounts"
    assert label("own\u202eer") == "Own[U+202E]er"


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
        grounds = ("ground", "sheet", "accent-soft", "warn-soft", "bad-soft")
        pairs = [("ink", ground) for ground in grounds] + [("soft", "ground"), ("soft", "sheet")]
        pairs += [("soft", "accent-soft")]
        for name in ("accent", "warn", "bad"):
            pairs += [(name, ground) for ground in ("ground", "sheet", f"{name}-soft")]
        pairs += [("accent-ink", "accent"), ("accent", "warn-soft")]
        weak = [pair for pair in pairs if contrast(scheme[pair[0]], scheme[pair[1]]) < 4.5]
        weak += [("edge", ground) for ground in ("ground", "sheet") if contrast(scheme["edge"], scheme[ground]) < 3]
        assert weak == []


def test_pages_and_style_sheet_know_the_same_classes_and_tokens() -> None:
    css = STYLE.read_text()
    drawn = {
        name
        for page in FOLDER.glob("*.html")
        for names in re.findall(r'class="([^"]+)"', page.read_text())
        for name in names.split()
    }
    styled = set(re.findall(r"\.([a-z][a-z-]*)\b(?=[^{}]*\{)", css))
    assert drawn == styled
    assert set(re.findall(r"var\(--([a-z-]+)\)", css)) == set(re.findall(r"--([a-z-]+):", css))
