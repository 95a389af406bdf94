"""A page as a tree, as far as tests need it: elements, texts, forms."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})


@dataclass
class Element:
    """An element with its children in order: elements and texts."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    parent: "Element | None" = field(default=None, repr=False)
    children: list["Element | str"] = field(default_factory=list, repr=False)
    line: int = 0

    def get(self, name: str) -> str | None:
        """Return an attribute, or None."""
        return self.attributes.get(name)

    def all(self, *tags: str, **attributes: str) -> list["Element"]:
        """Return the elements inside with one of these tags (any, if none is named) and just these attributes."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [
            element
            for element in self.walk()
            if (not tags or element.tag in tags)
            and all(element.attributes.get(name) == value for name, value in wanted.items())
        ]

    def one(self, *tags: str, **attributes: str) -> "Element":
        """Return the only such element."""
        found = self.all(*tags, **attributes)
        assert len(found) == 1, f"{len(found)} elements {tags} {attributes}, not one"
        return found[0]

    def walk(self) -> Iterator["Element"]:
        """Yield every element inside, in order."""
        for child in self.children:
            if isinstance(child, Element):
                yield child
                yield from child.walk()

    def up(self) -> Iterator["Element"]:
        """Yield this element and those around it, outwards."""
        element: Element | None = self
        while element is not None:
            yield element
            element = element.parent

    @property
    def raw_text(self) -> str:
        """All text inside, as it stands."""
        return "".join(child if isinstance(child, str) else child.raw_text for child in self.children)

    @property
    def text(self) -> str:
        """All text inside, white space made single spaces."""
        return " ".join(self.raw_text.split())


@dataclass
class Form:
    """A form as a browser would send it: where to, how, and the fields that have values by now."""

    action: str
    method: str
    fields: list[tuple[str, str]]
    names: frozenset[str]

    def filled(self, changes: Mapping[str, object]) -> dict[str, list[str]]:
        """Return what is sent when these fields are filled in; a value of None unticks, a list ticks several."""
        unknown = set(changes) - self.names
        assert not unknown, f"the form has no {sorted(unknown)}, only {sorted(self.names)}"
        sent: dict[str, list[str]] = {}
        for name, filled_in in self.fields:
            if name not in changes:
                sent.setdefault(name, []).append(filled_in)
        for name, value in changes.items():
            if value is not None:
                sent[name] = [str(part) for part in value] if isinstance(value, list | tuple) else [str(value)]
        return sent


class Page(HTMLParser):
    """An HTML page, parsed. ``faults`` are those of its form: tags that do not match."""

    def __init__(self, source: str, status: int = 200, path: str = "/") -> None:
        """Parse ``source``."""
        super().__init__(convert_charrefs=True)
        self.source, self.status, self.path = source, status, path
        self.root = Element("")
        self.faults: list[str] = []
        self._open = self.root
        self.feed(source)
        self.close()
        if self._open is not self.root:
            self.faults.append(f"<{self._open.tag}> of line {self._open.line} is never closed")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.faults.append(f"<{tag}> of line {self.getpos()[0]} has an attribute twice")
        element = Element(tag, {name: value or "" for name, value in attrs}, self._open, line=self.getpos()[0])
        self._open.children.append(element)
        if tag not in VOID:
            self._open = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take in an element closed at once, as SVG has them."""
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close an element."""
        if self._open.tag != tag:
            self.faults.append(f"</{tag}> of line {self.getpos()[0]} closes <{self._open.tag}> of {self._open.line}")
            if tag not in {element.tag for element in self._open.up()}:
                return
            while self._open.tag != tag and self._open.parent is not None:
                self._open = self._open.parent
        if self._open.parent is not None:
            self._open = self._open.parent

    def handle_data(self, data: str) -> None:
        """Take in a text."""
        self._open.children.append(data)

    @property
    def text(self) -> str:
        """All text of the body (of everything, without one), white space made single spaces."""
        bodies = self.root.all("body")
        return (bodies[0] if bodies else self.root).text

    def __contains__(self, words: str) -> bool:
        """Say whether a reader sees these words."""
        return words in self.text

    @property
    def h1(self) -> str:
        """The heading."""
        return self.root.one("h1").text

    def all(self, *tags: str, **attributes: str) -> list[Element]:
        """Return the elements with one of these tags and these attributes (``class_``, ``aria_label``)."""
        return self.root.all(*tags, **attributes)

    def one(self, *tags: str, **attributes: str) -> Element:
        """Return the only such element."""
        return self.root.one(*tags, **attributes)

    def link(self, words: str) -> str:
        """Return the address of the link with these words."""
        found = {element.get("href") or "" for element in self.all("a") if element.text == words}
        assert len(found) == 1, f"{len(found)} links “{words}”; there are {[a.text for a in self.all('a')]}"
        return found.pop()

    def form(self, action: str | None = None, *, button: str | None = None) -> Form:
        """Return the form that goes to ``action`` (a part of the address), or has this button; the only one, else."""
        found = [
            element
            for element in self.all("form")
            if (action is None or action in (element.get("action") or self.path))
            and (button is None or any(b.text == button for b in self._controls(element) if b.tag == "button"))
        ]
        assert len(found) == 1, f"{len(found)} forms fit; there are {[f.attributes for f in self.all('form')]}"
        return self._form(found[0], button)

    def _controls(self, form: Element) -> list[Element]:
        inside = form.all("input", "select", "textarea", "button")
        beside = self.all("input", "select", "textarea", "button", form=form.get("id") or "no such form")
        return inside + [element for element in beside if element not in inside]

    def _form(self, form: Element, button: str | None) -> Form:
        fields, names = [], set()
        for control in self._controls(form):
            name = control.get("name")
            if not name:
                continue
            names.add(name)
            fields += [(name, value) for value in _values(control, button)]
        return Form(form.get("action") or self.path, (form.get("method") or "get").lower(), fields, frozenset(names))


def _values(control: Element, button: str | None) -> list[str]:
    """Return what a control sends as it stands."""
    kind = control.get("type")
    if control.tag == "button":
        return [control.get("value") or ""] if button is not None and control.text == button else []
    if control.tag == "textarea":
        return [control.raw_text.removeprefix("\n")]
    if control.tag == "select":
        options = control.all("option")
        chosen = [option for option in options if "selected" in option.attributes]
        if not chosen and "multiple" not in control.attributes:
            chosen = options[:1]
        return [option.attributes.get("value", option.text) for option in chosen]
    if kind in {"radio", "checkbox"}:
        return [control.attributes.get("value", "on")] if "checked" in control.attributes else []
    return [] if kind in {"submit", "button", "file"} else [control.get("value") or ""]
