"""What can be wrong with any page, whatever it shows: each check yields one sentence for each fault."""

import unicodedata
from collections import Counter
from collections.abc import Iterator

from langcodes import Language

from tests.html import Element, Page

# Scripts written from right to left, from the Unicode property Bidi_Class of their letters; not the program's table.
RIGHT_TO_LEFT = frozenset(
    {"Adlm", "Arab", "Aran", "Hebr", "Mand", "Mend", "Nkoo", "Rohg", "Samr", "Syrc", "Thaa", "Yezi"}
)
REFERENCES = ("aria-describedby", "aria-labelledby", "aria-controls", "for", "form", "list")
CONTROLS = ("input", "select", "textarea")


def faults_of(page: Page) -> list[str]:
    """Return every fault of the page."""
    checks = (_head, _languages, _directions, _ids, _controls, _groups, _names, _headings, _forms, _inline)
    return [*page.faults, *(fault for check in checks for fault in check(page))]


def _head(page: Page) -> Iterator[str]:
    titles, headings = page.all("title"), page.all("h1")
    titles = [title for title in titles if title.parent is not None and title.parent.tag == "head"]
    if len(titles) != 1 or len(headings) != 1:
        yield f"{len(titles)} titles and {len(headings)} h1, not one each"
    elif titles[0].text.removesuffix(" · Annotator") != headings[0].text:
        yield f"the title “{titles[0].text}” is not the h1 “{headings[0].text}”"
    if not page.source.lstrip().lower().startswith("<!doctype html>"):
        yield "no doctype"
    if not page.all("meta", name="viewport"):
        yield "no viewport: a phone would show it tiny"
    if len(page.all("main")) != 1:
        yield "not one <main>"


def _languages(page: Page) -> Iterator[str]:
    html = page.all("html")[0]
    for name in ("lang", "dir"):
        if not html.get(name):
            yield f"<html> has no {name}"
    for element in page.all():
        tag = element.get("lang")
        if tag is None:
            continue
        if not tag:
            yield f"{_place(element)}: an empty lang"
        elif element.get("dir") not in {"ltr", "rtl"}:
            yield f"{_place(element)}: lang “{tag}” without dir"
        elif (element.get("dir") == "rtl") != (Language.get(tag).maximize().script in RIGHT_TO_LEFT):
            yield f"{_place(element)}: dir “{element.get('dir')}” does not fit lang “{tag}”"


def _directions(page: Page) -> Iterator[str]:
    """Right-to-left letters must not stand under left-to-right: the full stop would jump to the wrong end."""
    for element in page.all():
        if any(around.tag in {"head", "script"} for around in element.up()):
            continue
        own = "".join(child for child in element.children if isinstance(child, str))
        letters = [unicodedata.bidirectional(letter) for letter in own]
        right = sum(letter in {"R", "AL"} for letter in letters)
        if right > letters.count("L") and _direction(element) == "ltr":
            yield f"{_place(element)}: right-to-left text without dir: {' '.join(own.split())[:40]}"


def _direction(element: Element) -> str:
    for around in element.up():
        if around.get("dir"):
            return around.get("dir") or ""
        if around.tag == "bdi":
            return "auto"
    return "ltr"


def _ids(page: Page) -> Iterator[str]:
    ids = Counter(element.attributes["id"] for element in page.all() if "id" in element.attributes)
    yield from (f"the id “{name}” stands {count} times" for name, count in ids.items() if count > 1 or not name)
    for element in page.all():
        for reference in REFERENCES:
            for name in (element.get(reference) or "").split():
                if name not in ids:
                    yield f"{_place(element)}: {reference} leads to no id “{name}”"
        target = element.get("href") or ""
        if target.startswith("#") and len(target) > 1 and target[1:] not in ids:
            yield f"{_place(element)}: the link {target} leads nowhere"


def _controls(page: Page) -> Iterator[str]:
    labels = {label.get("for"): label.text for label in page.all("label") if label.get("for")}
    for control in page.all(*CONTROLS):
        if control.get("type") in {"hidden", "submit", "button"}:
            continue
        around = next((element for element in control.up() if element.tag == "label"), None)
        named = labels.get(control.get("id")) or (around.text if around else "") or control.get("aria-label")
        if not named and not control.get("aria-labelledby"):
            yield f"{_place(control)}: no label"
        if not control.get("name"):
            yield f"{_place(control)}: no name, so it is never sent"


def _groups(page: Page) -> Iterator[str]:
    for radio in page.all("input", type="radio"):
        fieldset = next((element for element in radio.up() if element.tag == "fieldset"), None)
        if fieldset is None or not [child for child in fieldset.all("legend") if child.text]:
            yield f"{_place(radio)}: a choice without a fieldset and a legend"


def _names(page: Page) -> Iterator[str]:
    for element in page.all("a", "button"):
        if not (element.text or element.get("aria-label") or any(image.get("alt") for image in element.all("img"))):
            yield f"{_place(element)}: no words to read out"
    for image in page.all("img"):
        if "alt" not in image.attributes:
            yield f"{_place(image)}: no alt"
    for table in page.all("table"):
        if not table.all("th"):
            yield f"{_place(table)}: a table without header cells"


def _headings(page: Page) -> Iterator[str]:
    last = 0
    for heading in page.all("h1", "h2", "h3", "h4", "h5", "h6"):
        level = int(heading.tag[1])
        if level > last + 1:
            yield f"{_place(heading)}: h{level} after h{last}"
        if not heading.text:
            yield f"{_place(heading)}: an empty heading"
        last = level


def _forms(page: Page) -> Iterator[str]:
    for form in page.all("form"):
        method = (form.get("method") or "get").lower()
        tokens = form.all("input", name="csrf_token")
        if method == "post" and len(tokens) != 1:
            yield f"{_place(form)}: {len(tokens)} tokens against forgery, not one"
        if method == "get" and tokens:
            yield f"{_place(form)}: a token in an address"
        if any(around.tag == "form" for around in form.up() if around is not form):
            yield f"{_place(form)}: a form inside a form"


def _inline(page: Page) -> Iterator[str]:
    for element in page.all():
        if element.tag == "style" or (element.tag == "script" and (not element.get("src") or element.text)):
            yield f"{_place(element)}: inline, which the browser would refuse"
        for name, value in element.attributes.items():
            if name == "style" or name.startswith("on") or value.strip().lower().startswith("javascript:"):
                yield f"{_place(element)}: inline {name}"
        if element.tag in {"script", "link", "img"}:
            address = element.get("src") or element.get("href") or ""
            if "//" in address:
                yield f"{_place(element)}: from another server: {address}"


def _place(element: Element) -> str:
    """Return where an element is, for a person who looks for it."""
    marks = "".join(f' {name}="{element.get(name)}"' for name in ("id", "name", "class", "href") if element.get(name))
    return f"line {element.line}: <{element.tag}{marks}>"
