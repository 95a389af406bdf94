"""Which column of a file means what."""

from collections.abc import Iterable, Mapping, Sequence

from annotator.errors import Invalid

ALIASES: Mapping[str, tuple[str, ...]] = {
    "instruction": ("instruction", "prompt", "inputs"),
    "input": ("input",),
    "completion": ("completion", "output", "targets"),
    "text": ("text", "sentence"),
    "language": ("language",),
    "instruction_language": ("instruction_language",),
    "input_language": ("input_language",),
    "external_id": ("external_id", "id"),
}
FIELDS = tuple(ALIASES)
_WITHOUT_TEMPLATE = tuple(name for name in FIELDS if name != "text")
# A template writes the instruction and says what the sentence is, so a file gives the sentence only.
_WITH_TEMPLATE = ("text", "completion", "language", "input_language", "external_id")

_ABSENT = object()


def parse_map(words: Iterable[str]) -> dict[str, str]:
    """Return what ``completion=instances.0.output`` and the like mean: field -> dotted path.

    Raises Invalid for an unknown field, a field named twice, or a word that is not ``field=path``.
    """
    mapping: dict[str, str] = {}
    for word in filter(str.strip, words):
        name, equals, path = (part.strip() for part in word.partition("="))
        if not equals or not name or not path:
            raise Invalid("map_malformed", word=word)
        if name not in FIELDS:
            raise Invalid("map_field_unknown", field=name, known=FIELDS)
        if name in mapping:
            raise Invalid("map_field_twice", field=name)
        mapping[name] = path
    return mapping


class Columns:
    """Finds the fields of a row: by the paths that were given, else by the usual names of columns."""

    def __init__(self, mapping: Mapping[str, str] | None = None, *, with_template: bool = False) -> None:
        """Keep the paths (see ``parse_map``); ``with_template``: rows hold a sentence instead of an instruction."""
        self.with_template = with_template
        fields = _WITH_TEMPLATE if with_template else _WITHOUT_TEMPLATE
        self.mapping = dict(mapping or {})
        for name in self.mapping:
            if name not in fields:
                raise Invalid("map_field_unknown", field=name, known=fields)
        self._paths = {name: (self.mapping[name],) if name in self.mapping else ALIASES[name] for name in fields}
        self._found: set[str] = set()

    @property
    def main(self) -> str:
        """The field without which there is no prompt."""
        return "text" if self.with_template else "instruction"

    def check_header(self, names: Sequence[str], *, file: str, line: int) -> None:
        """Raise Invalid ``file_no_column`` when a table has no column for the main field."""
        heads = {head for name in names for head in (name, name.split(".")[0])}
        paths = self._paths[self.main]
        if not any(path in heads or path.split(".")[0] in heads for path in paths):
            raise Invalid(
                "file_no_column", file=file, line=line, field=self.main, names=paths, found=[n[:40] for n in names[:20]]
            )

    def pick(self, values: Mapping[str, object]) -> tuple[dict[str, object], dict[str, object]]:
        """Return the fields of a row, and what is left of it: its metadata."""
        picked: dict[str, object] = {}
        rest: dict[str, object] = dict(values)
        deep: set[str] = set()
        for name, paths in self._paths.items():
            for path in paths:
                if path in values:  # nearly always, or not at all
                    value = values[path]
                    rest.pop(path, None)
                elif "." not in path or (value := _at(values, path)) is _ABSENT:
                    continue
                else:
                    deep.add(path)
                self._found.add(name)
                if value is not None and value != "":
                    picked[name] = value
                    break
        for path in deep:
            _drop(rest, path)
        return picked, rest

    def check_found(self) -> None:
        """Raise Invalid ``map_path_never_found`` when a path that was asked for was in no row: it is misspelt."""
        for name, path in self.mapping.items():
            if name not in self._found:
                raise Invalid("map_path_never_found", field=name, path=path)


def _at(values: Mapping[str, object], path: str) -> object:
    """Return what stands at a dotted path that is no column's name: step by step, numbers counting in lists."""
    here: object = values
    for step in path.split("."):
        if isinstance(here, Mapping) and step in here:
            here = here[step]
        elif isinstance(here, Sequence) and not isinstance(here, str) and step.isdecimal() and int(step) < len(here):
            here = here[int(step)]
        else:
            return _ABSENT
    return here


def _drop(values: dict[str, object], path: str) -> None:
    """Take what stands at the path out of ``values``, which is a copy at its top level only."""
    head, *steps = path.split(".")
    if head not in values:  # another field took it whole
        return
    left = _without(values[head], steps)
    if left is _ABSENT:
        del values[head]
    else:
        values[head] = left


def _without(value: object, steps: Sequence[str]) -> object:
    """Return a copy without what the steps lead to; absent when nothing is left."""
    if not steps:
        return _ABSENT
    step, *further = steps
    if isinstance(value, Mapping):
        left = _without(value[step], further)
        kept = {name: part for name, part in value.items() if name != step}
        if left is not _ABSENT:
            kept[step] = left
        return kept or _ABSENT
    assert isinstance(value, Sequence)  # noqa: S101  # the same steps were found by _at
    left = _without(value[int(step)], further)
    # An emptied place stays as {} while others follow it, so that what they stand at keeps its number.
    parts = [({} if left is _ABSENT else left) if place == int(step) else part for place, part in enumerate(value)]
    while parts and parts[-1] == {}:
        parts.pop()
    return parts or _ABSENT
