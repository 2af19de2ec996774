"""What every part of the reader of decision models shares: places, findings, and what may stand where."""

from collections.abc import Collection
from dataclasses import replace

from governance.rules.dmn.model import FEEL_NAMESPACES, VERSIONS, Finding, Source
from governance.rules.dmn.xml_in import Document, Element

_SCHEMA_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
_PRESENTATION = frozenset({"label", "locationURI", "exporter", "exporterVersion", "textFormat"})
_NOTES = frozenset({"description", "extensionElements"})  # what every element may have

Path = tuple[str, ...]


class Reading:
    """The findings of one reading. What is only presentation is counted and told once; everything else unknown is an
    error.

    `hidden` counts the errors that may keep a name from being known: what names such an element would have given to
    expressions nobody can say. `models` are the names under which other models are imported.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.namespace = document.root.namespace
        self.own = document.root.attributes.get("namespace", "")
        self.findings: list[Finding] = []
        self.hidden = 0
        self.models: set[str] = set()
        self._left_out: dict[str, tuple[int, Element]] = {}

    def error(self, path: Path, message: str, element: Element, *, hides: bool = False) -> None:
        """One thing that refuses the model; `hides`: expressions may name what would have stood there."""
        self.findings.append(Finding("error", told(path), message, element.line, element.column))
        self.hidden += hides

    def left_out(self, what: str, element: Element) -> None:
        """Something without meaning for the result, not taken over."""
        count, first = self._left_out.get(what, (0, element))
        self._left_out[what] = (count + 1, first)

    def all_findings(self) -> tuple[Finding, ...]:
        """Errors in order of place, then what is left out."""
        warnings = [
            Finding("warning", "the model", f"left out: {what}{f' ({count} times)' if count > 1 else ''}", *_at(first))
            for what, (count, first) in self._left_out.items()
        ]
        return (*sorted(self.findings, key=lambda found: (found.line, found.column)), *warnings)

    def children(
        self, element: Element, path: Path, known: Collection[str] = (), attributes: Collection[str] = ()
    ) -> list[Element]:
        """The child elements that are known; findings for everything about the element that is not."""
        self._attributes(element, path, attributes)
        if any(piece.strip() for piece, _, _ in element.pieces) and element.local not in ("text", "typeRef"):
            self.error(path, "expected elements, found text", element)
        kept = []
        for child in element.children:
            if child.namespace == self.namespace and child.local in known:
                kept.append(child)
            elif child.namespace == self.namespace and child.local in _NOTES:
                if child.children or child.source().text:
                    self.left_out(f"`{child.local}` of {element.local}", child)
            elif child.namespace != self.namespace and child.local == "DMNDI":
                self.left_out("diagrams", child)
            elif child.namespace not in ("", self.namespace, *VERSIONS):
                message = f"the element `{child.local}` of {child.namespace} is not supported"
                self.error(path, message, child, hides=True)
            else:
                self.error(path, f"the element `{child.local}` is not supported here", child, hides=True)
        return kept

    def _attributes(self, element: Element, path: Path, known: Collection[str]) -> None:
        for name, value in element.attributes.items():
            namespace, _, local = name.rpartition(" ")
            if namespace == _SCHEMA_INSTANCE and local != "type":
                continue
            if _is_foreign_kind(name, value):
                self.error(path, f"functions of kind `{value}` are not supported, only FEEL", element)
            elif namespace and local not in ("expressionLanguage", "typeLanguage"):
                self.left_out(f"attributes of {namespace}", element)
            elif local in ("expressionLanguage", "typeLanguage"):
                if not _is_language(value):
                    self.error(path, f"the language `{value}` is not supported, only FEEL", element)
            elif local == "id" or local in known:
                continue
            elif local in _PRESENTATION:
                self.left_out(f"`{local}` of {element.local}", element)
            else:
                self.error(path, f"the attribute `{local}` is not supported here", element)

    def is_foreign_function(self, element: Element) -> bool:
        """Whether an attribute of a tool says that a function is in another language."""
        return any(_is_foreign_kind(name, value) for name, value in element.attributes.items())

    def name(self, element: Element, path: Path, attribute: str = "name") -> str:
        """The name with single blanks between its words; an error where there is none."""
        found = " ".join(element.attributes.get(attribute, "").split())
        if not found:
            self.error(path, f"expected a {attribute}", element, hides=True)
        return found

    def type(self, element: Element, attribute: str = "typeRef") -> str | None:
        """The type an attribute refers to."""
        return self.type_named(element.attributes.get(attribute, ""), element)

    def type_named(self, written: str, element: Element) -> str | None:
        """The type of a reference without its prefix; None where there is none, or none of this model."""
        written = " ".join(written.split())
        prefix, colon, local = written.partition(":")
        if not colon or "<" in prefix or " " in prefix:
            if any(written.startswith(f"{model}.") for model in self.models):
                self._refuse_type(written, element)
                return None
            return written or None
        meant = self.document.prefixes.get(prefix)
        if meant not in (self.own, *FEEL_NAMESPACES) and not (meant is None and prefix == "feel"):
            self._refuse_type(written, element)
            return None
        return local or None

    def _refuse_type(self, written: str, element: Element) -> None:
        self.error((f"type `{written}`",), "types of other models are not supported", element)

    def text(self, element: Element, path: Path, attributes: Collection[str] = ()) -> Source:
        """The text of an element that holds it in `text`."""
        errors, hidden = len(self.findings), self.hidden
        inside = self.children(element, path, ("text",), attributes)
        if len(inside) > 1:
            self.error(path, "expected one `text`", inside[1])
        if inside:
            self.children(inside[0], path)
        self.hidden = hidden  # no expression sees the names of another
        source = inside[0].source() if inside else Source("", ((0, element.line, element.column),))
        is_refused = len(self.findings) > errors or not self._is_feel(element)
        return replace(source, is_refused=True) if is_refused else source

    def _is_feel(self, element: Element) -> bool:
        """Whether the language of an expression is FEEL, by what it says itself or else the whole model."""
        told = element.attributes.get("expressionLanguage") or self.document.root.attributes.get("expressionLanguage")
        return _is_language(told or "")

    def optional_text(self, element: Element, path: Path) -> Source | None:
        """The same, None where nothing is written."""
        found = self.text(element, path)
        return found if found.text or found.is_refused else None

    def words(self, element: Element, path: Path) -> str:
        """The text directly inside an element."""
        if element.children:
            self.error(path, f"expected text in `{element.local}`", element)
        return element.source().text

    def flag(self, element: Element, path: Path, attribute: str) -> bool:
        """An attribute that is true or false; false where there is none."""
        value = element.attributes.get(attribute, "false")
        if value not in ("true", "false", "1", "0"):
            self.error(path, f"expected true or false in `{attribute}`, found `{value}`", element)
        return value in ("true", "1")


def _is_foreign_kind(name: str, value: str) -> bool:
    """How tools wrote the kind of a function for DMN 1.1: an attribute of their own namespace."""
    return name.endswith(" kind") and value not in ("F", "FEEL")


def _is_language(value: str) -> bool:
    return not value or value in FEEL_NAMESPACES or value.upper() == "FEEL"


def told(path: Path) -> str:
    """A path as it is read: from the outside in."""
    return ", ".join(path) or "the model"


def _at(element: Element) -> tuple[int, int]:
    return element.line, element.column
