"""How wide a text is and where its lines end, without a font: the same everywhere, and never narrower than it looks.

Widths are those of a common sans-serif face by class of character, rounded up, in thousandths of the type size.
"""

_NARROW = frozenset("ijltfrI.,:;'`|!()[]{}/\\ ·")
_WIDE = frozenset("mwMW@%&…—")
NARROW, NORMAL, CAPITAL, WIDE, FULL = 360, 590, 710, 940, 1_050
FULL_FROM = 0x1100  # from here on scripts are written in full squares, or may be
MORE = "…"


def text_width(text: str, size: int) -> int:
    """The width of one line in the unit of `size`, rounded up."""
    return -(-sum(map(_width, text)) * size // 1_000)


def wrapped(text: str, size: int, width_max: int, lines_max: int) -> tuple[str, ...]:
    """The text in at most `lines_max` lines no wider than `width_max`; what does not fit ends in an ellipsis.

    Runs of white space are one space. A word wider than a line is cut. At least one line, which may be empty.
    """
    limit = width_max * 1_000 // size
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if _units(longer) <= limit:
            line = longer
            continue
        if line:
            lines.append(line)
        *whole, line = _pieces(word, limit)
        lines += whole
        if len(lines) > lines_max:
            break
    if line or not lines:
        lines.append(line)
    if len(lines) <= lines_max:
        return tuple(lines)
    return (*lines[: lines_max - 1], _shortened(lines[lines_max - 1], limit))


def _width(character: str) -> int:
    if character in _NARROW:
        return NARROW
    if character in _WIDE:
        return WIDE
    if ord(character) >= FULL_FROM:
        return FULL
    return CAPITAL if character.isupper() else NORMAL


def _units(text: str) -> int:
    return sum(map(_width, text))


def _pieces(word: str, limit: int) -> list[str]:
    pieces, piece, used = [], "", 0
    for character in word:
        width = _width(character)
        if piece and used + width > limit:
            pieces.append(piece)
            piece, used = "", 0
        piece, used = piece + character, used + width
    return [*pieces, piece]


def _shortened(line: str, limit: int) -> str:
    while line and _units(line + MORE) > limit:
        line = line[:-1]
    return line.rstrip() + MORE
