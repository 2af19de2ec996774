"""A layout as a standalone SVG: text as text, colours by classes for light and dark, no script, nothing fetched.

Whatever comes from a blueprint is escaped; characters that XML cannot hold are shown as U+FFFD. The mark of a step
(added, removed, changed) is a word, a colour and a style of line, never a colour alone.
"""

import re

from versioning.graph import KIND_WORDS
from versioning.layout import (
    PADDING_X,
    PADDING_Y,
    SMALL_LINE,
    SMALL_SIZE,
    TITLE_LINE,
    TITLE_SIZE,
    Layout,
    LayoutEdge,
    LayoutNode,
    Point,
)

RADIUS = 8  # of boxes and of the corners of lines
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ENTITIES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"))
_PILLS = frozenset(("start", "join", "end"))

# The colours of the console's tokens: each text has at least 4.5:1 on its ground, each line 3:1 on the page.
_STYLE = f"""\
.muniment-drawing {{ color-scheme: light dark; --page: #ffffff; --pane: #f5f6f8; --ink: #1b1f24; --muted: #525b67;
  --border: #747e8b; --accent: #1f4fbf; --added: #0a6b3b; --added-ground: #e3f6ea; --removed: #a61b1b;
  --removed-ground: #fdeaea; --changed: #7a4b00; --changed-ground: #fff3dc;
  font-family: Inter, system-ui, sans-serif; font-size: {TITLE_SIZE}px; }}
@media (prefers-color-scheme: dark) {{ .muniment-drawing {{ --page: #14171c; --pane: #222831; --ink: #e9ebef;
  --muted: #a9b2be; --border: #7d8794; --accent: #9bbcff; --added: #6fd8a0; --added-ground: #12331f; --removed: #ff9f9f;
  --removed-ground: #3d1717; --changed: #ffc46b; --changed-ground: #3a2a0c; }} }}
.muniment-drawing .page {{ fill: var(--page); }}
.muniment-drawing .box {{ fill: var(--pane); stroke: var(--border); stroke-width: 1.25; }}
.muniment-drawing .decide .box {{ stroke: var(--accent); stroke-width: 2; }}
.muniment-drawing .start .box, .muniment-drawing .join .box {{ fill: var(--page); }}
.muniment-drawing .end .box {{ stroke-width: 2.5; }}
.muniment-drawing .title {{ fill: var(--ink); font-weight: 600; }}
.muniment-drawing .kind {{ fill: var(--muted); font-size: {SMALL_SIZE}px; }}
.muniment-drawing .decide .kind {{ fill: var(--accent); }}
.muniment-drawing .line {{ fill: none; stroke: var(--border); stroke-width: 1.5; }}
.muniment-drawing .under {{ fill: none; stroke: var(--page); stroke-width: 2; }}
.muniment-drawing .head {{ fill: var(--border); }}
.muniment-drawing .late .line, .muniment-drawing .back .line {{ stroke-dasharray: 6 4; }}
.muniment-drawing .ground {{ fill: var(--page); }}
.muniment-drawing .when {{ fill: var(--ink); font-size: {SMALL_SIZE}px; }}
""" + "".join(
    f".muniment-drawing .{mark} .box {{ fill: var(--{mark}-ground); stroke: var(--{mark}); stroke-width: 2;{dash} }}\n"
    f".muniment-drawing .{mark} .kind, .muniment-drawing .{mark} .when, .muniment-drawing .{mark} .head"
    f" {{ fill: var(--{mark}); }}\n"
    f".muniment-drawing .{mark} .line {{ stroke: var(--{mark}); stroke-width: 2;{dash} }}\n"
    for mark, dash in (("added", ""), ("removed", " stroke-dasharray: 3 3;"), ("changed", " stroke-dasharray: 9 3;"))
)  # fmt: skip


def drawing(drawn: Layout, description: str = "") -> str:
    """The SVG. `description` is read out by screen readers after the title; counts of what is drawn unless given."""
    steps = sum(1 for node in drawn.nodes if node.kind not in ("start", "join"))
    said = description or f"{steps} steps and {len(drawn.edges)} ways between them, from the start to the ends."
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="muniment-drawing" role="img"'
            f' aria-labelledby="drawing-title drawing-description" width="{drawn.width}" height="{drawn.height}"'
            f' viewBox="0 0 {drawn.width} {drawn.height}">',
            f'<title id="drawing-title">{escaped(drawn.title)}</title>',
            f'<desc id="drawing-description">{escaped(said)}</desc>',
            f"<style>\n{_STYLE}</style>",
            f'<rect class="page" width="{drawn.width}" height="{drawn.height}"/>',
            *(_edge(edge) for edge in sorted(drawn.edges, key=_is_whole)),
            *(_label(edge) for edge in drawn.edges if edge.label is not None),
            *(_node(node) for node in drawn.nodes),
            "</svg>\n",
        )
    )


def escaped(text: str) -> str:
    """The text as it may stand in an element or an attribute of XML."""
    text = _NOT_XML.sub("\ufffd", text)
    for character, entity in _ENTITIES:
        text = text.replace(character, entity)
    return text


def _edge(edge: LayoutEdge) -> str:
    path = _path(edge.points)
    # Where two broken lines run together, one would fill the gaps of the other.
    under = "" if _is_whole(edge) else f'<path class="under" d="{path}"/>'
    return f'<g class="{_edge_classes(edge)}">{under}<path class="line" d="{path}"/>{_head(edge.points)}</g>'


def _is_whole(edge: LayoutEdge) -> bool:
    """Whether its line is not broken: those lie above the others."""
    return not (edge.is_back or _is_late(edge) or edge.mark in ("removed", "changed"))


def _is_late(edge: LayoutEdge) -> bool:
    return all(cause == "late" for cause, _ in edge.ways)


def _edge_classes(edge: LayoutEdge) -> str:
    return " ".join(filter(None, ("edge", "back" if edge.is_back else "", "late" if _is_late(edge) else "", edge.mark)))


def _path(points: tuple[Point, ...]) -> str:
    """The line with rounded corners; it ends where the arrow head begins."""
    last = _short(points[-1], points[-2], 6)
    bends = [f"M{points[0].x} {points[0].y}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        radius = min(RADIUS, _length(before, corner) // 2, _length(corner, after) // 2)
        start, end = _short(corner, before, radius), _short(corner, after, radius)
        bends.append(f"L{start.x} {start.y}Q{corner.x} {corner.y} {end.x} {end.y}")
    return f"{''.join(bends)}L{last.x} {last.y}"


def _head(points: tuple[Point, ...]) -> str:
    end, base = points[-1], _short(points[-1], points[-2], 9)
    across = (0, 5) if base.y == end.y else (5, 0)
    corners = (
        end,
        Point(base.x + across[0], base.y + across[1]),
        Point(base.x - across[0], base.y - across[1]),
    )
    return f'<path class="head" d="M{"L".join(f"{corner.x} {corner.y}" for corner in corners)}Z"/>'


def _length(one: Point, other: Point) -> int:
    return abs(one.x - other.x) + abs(one.y - other.y)


def _short(end: Point, towards: Point, length: int) -> Point:
    """The point `length` away from `end` on the straight line to `towards`."""
    step = (towards.x > end.x) - (towards.x < end.x), (towards.y > end.y) - (towards.y < end.y)
    return Point(end.x + step[0] * length, end.y + step[1] * length)


def _label(edge: LayoutEdge) -> str:
    label = edge.label
    if label is None:
        return ""
    middle = label.x + label.width // 2
    top = label.y + (label.height - SMALL_LINE * len(label.lines)) // 2
    lines = _lines("when", label.lines, Point(middle, top), (SMALL_LINE, "middle"))
    whole = "" if " ".join(label.lines) == label.text else f"<title>{escaped(label.text)}</title>"
    box = f'x="{label.x}" y="{label.y}" width="{label.width}" height="{label.height}" rx="4"'
    return f'<g class="{_edge_classes(edge)}">{whole}<rect class="ground" {box}/>{lines}</g>'


def _node(node: LayoutNode) -> str:
    radius = node.height // 2 if node.kind in _PILLS else RADIUS
    whole = "" if " ".join(node.lines) == node.title else f"<title>{escaped(node.title)}</title>"
    box = f'x="{node.x}" y="{node.y}" width="{node.width}" height="{node.height}" rx="{radius}"'
    shape = f'<rect class="box" {box}/>'
    if node.kind == "choose":
        shape = f'<path class="box" d="{_pointed(node)}"/>'
    classes = " ".join(filter(None, ("node", node.kind, node.mark)))
    return f'<g class="{classes}">{whole}{shape}{_words(node)}</g>'


def _words(node: LayoutNode) -> str:
    middle = node.x + node.width // 2
    if node.kind in ("start", "join"):
        top = node.y + (node.height - SMALL_LINE) // 2
        return _lines("kind", node.lines, Point(middle, top), (SMALL_LINE, "middle"))
    kind = KIND_WORDS[node.kind] + (f" · {node.mark}" if node.mark else "")
    is_middle = node.kind in ("choose", "end")
    left, anchor = (middle, "middle") if is_middle else (node.x + PADDING_X, "start")
    caption = _lines("kind", (kind,), Point(left, node.y + PADDING_Y), (SMALL_LINE, anchor))
    return caption + _lines("title", node.lines, Point(left, node.y + PADDING_Y + SMALL_LINE), (TITLE_LINE, anchor))


def _lines(name: str, lines: tuple[str, ...], at: Point, style: tuple[int, str]) -> str:
    """Lines of text one below the other from `at`, their upper edge; `style` is height of a line and anchor."""
    height, anchor = style
    spans = "".join(
        f'<tspan x="{at.x}" y="{at.y + height * number + height * 3 // 4}">{escaped(line)}</tspan>'
        for number, line in enumerate(lines)
    )
    return f'<text class="{name}" text-anchor="{anchor}">{spans}</text>'


def _pointed(node: LayoutNode) -> str:
    """A box with pointed sides, for a choice."""
    right, bottom, middle, cut = node.x + node.width, node.y + node.height, node.y + node.height // 2, 14
    corners = (
        *((node.x + cut, node.y), (right - cut, node.y), (right, middle)),
        *((right - cut, bottom), (node.x + cut, bottom), (node.x, middle)),
    )
    return f"M{'L'.join(f'{x} {y}' for x, y in corners)}Z"
