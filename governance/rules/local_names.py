"""Names that a source gives itself: entries of contexts, arguments by name, variables of loops, parameters.

They may hold spaces and marks, so they have to be known before the source is cut into tokens. Collected without regard
to where they are in force: `scope` refuses one that is used elsewhere, so that none is ever read otherwise than meant.
"""

import re

_PIECE = re.compile(
    r"""(?P<space>\s+|//[^\n]*|/\*.*?\*/)
      | (?P<text>"(?:[^"\\]|\\.)*")
      | (?P<open>"|/\*)
      | (?P<word>\w+|[\U00010000-\U000effff]+)
      | (?P<mark>.)""",
    re.VERBOSE | re.DOTALL,
)
_LOOPS = frozenset(("for", "some", "every"))
_JOINS = frozenset("./-'+*")  # what a name may hold beside words (DMN 1.5, section 10.3.1.2)
_NO_NAMES = frozenset(
    ("if", "then", "else", "and", "or", "between", "true", "false", "null", "return", "satisfies", "function", *_LOOPS)
)
_MANY_MAX = 500  # names of one source
_CLOSES = {"(": ")", "[": "]", "{": "}"}


def local_names(source: str) -> frozenset[str]:
    """Names of more than one word that the source gives; names of one word need no finding."""
    if ":" not in source and not any(word in source for word in (*_LOOPS, "function")):
        return frozenset()
    collector = _Collector()
    for piece in _PIECE.finditer(source):
        if piece.lastgroup == "open":
            break  # a text or a comment without an end: the source is broken there
        collector.take(str(piece.lastgroup), piece[0])
    return frozenset(collector.found)


_OPERATORS = _NO_NAMES | {"in", "instance"}


def possible_names(source: str) -> frozenset[str]:
    """The runs of two and more words that could be one name each, if something declared them."""
    found: set[str] = set()
    run: list[str] = []
    for piece in (*_PIECE.finditer(source), None):
        if piece is not None and piece.lastgroup == "word" and piece[0] not in _OPERATORS:
            if run or not piece[0][0].isdigit():
                run.append(piece[0])
        elif piece is None or piece.lastgroup != "space":
            if len(run) > 1 and len(found) < _MANY_MAX:
                found.add(" ".join(run))
            run = []
    return frozenset(found)


class _Collector:
    """`_begun` says what may be named by the run of words at hand: an `entry` ends with a colon, the variable of a
    `loop` with `in`, a `parameter` with a colon, a comma or the parenthesis."""

    def __init__(self) -> None:
        self.found: set[str] = set()
        self._run: list[str] = []
        self._begun = ""
        self._frames: list[tuple[str, int]] = [("", 0)]  # bracket or "parameters", loops whose variables go on

    def take(self, kind: str, text: str) -> None:
        """The next piece of the source."""
        if kind == "space":
            if self._run[-1:] != [" "]:
                self._run.append(" ")
        elif kind == "word" and text == "in" and self._begun == "loop":
            self._keep()
            self._begin("")
        elif kind == "word" and text in _LOOPS:
            self._loops(1)
            self._begin("loop")
        elif text in ("return", "satisfies"):
            self._loops(-1)
            self._begin("")
        elif kind == "word" or (kind == "mark" and text in _JOINS):
            self._run.append(text)
        elif kind == "mark":
            self._mark(text)
        else:
            self._begin("")

    def _mark(self, mark: str) -> None:
        bracket, loops = self._frames[-1]
        if mark == ":" and self._begun in ("entry", "parameter"):
            self._keep()
            self._begin("")
        elif mark in _CLOSES:
            is_function = mark == "(" and [part for part in self._run[-2:] if part != " "][-1:] == ["function"]
            self._frames.append(("parameters" if is_function else mark, 0))
            self._begin("parameter" if is_function else "entry" if mark in "({" else "")
        elif mark in ")]}":
            if bracket == "parameters" and self._begun == "parameter":
                self._keep()
            if len(self._frames) > 1:
                self._frames.pop()
            self._begin("")
        elif mark == ",":
            if self._begun == "parameter":
                self._keep()
            after = {"parameters": "parameter", "(": "entry", "{": "entry"}.get(bracket, "")
            self._begin("loop" if loops else after)
        else:
            self._begin("")

    def _loops(self, change: int) -> None:
        bracket, loops = self._frames[-1]
        self._frames[-1] = bracket, max(0, loops + change)

    def _begin(self, what: str) -> None:
        self._run.clear()
        self._begun = what

    def _keep(self) -> None:
        name = " ".join("".join(self._run).split())
        if not name or re.fullmatch(r"\w+", name) or name[0].isdigit() or name[0] in _JOINS:
            return
        if len(self.found) < _MANY_MAX and not _NO_NAMES.intersection(re.split(r"\W+", name)):
            self.found.add(name)
