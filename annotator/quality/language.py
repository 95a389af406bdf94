"""Is a text plausibly in the language that its writer says? A hint for people, which never blocks anything."""

import threading
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from typing import Any, Literal, Protocol, TypedDict

import regex

from annotator.languages.scripts import is_in_script, letter_of, those_fitting
from annotator.quality.clusters import LABELS, labels_for
from annotator.text import clean

Verdict = Literal["plausible", "suspicious", "cannot judge"]

# Below this number of letters a detector guesses (19 % false alarms at 20 characters): the script alone is looked at.
FEWEST_LETTERS = 20
# No more is looked at: a language shows itself in the first lines, and a submit must not wait.
MOST_CHARACTERS = 3000
SEED = 20
# How often langdetect draws from a text and averages (its own default).
TRIALS = 7

# Set aside before looking: fenced and inline code, formulas, addresses. Numbers and emoji are no letters anyway.
_NOT_PROSE = regex.compile(
    r"```.*?(?:```|\Z)|`[^`\n]+`|\$\$.*?\$\$|\$[^$\n]+\$|\\\(.*?\\\)|\\\[.*?\\\]"
    r"|\bhttps?://\S+|\bwww\.\S+|\S+@\S+\.\S+",
    regex.DOTALL,
)
# Letters of some script; those of Common (such as mathematical letters) and Inherited belong to none.
_LETTER = regex.compile(r"(?V1)[\p{L}--[\p{Script=Common}\p{Script=Inherited}]]")

_SCRIPTS = frozenset(code[4:] for code in LABELS.values())

_loading = threading.Lock()


class Named(Protocol):
    """What is asked of a language: which it is, and how it is written."""

    @property
    def iso639_3(self) -> str:
        """The ISO 639-3 code."""

    @property
    def script(self) -> str:
        """The ISO 15924 code."""


class Check(TypedDict):
    """What was found: the verdict, our code of what the text looks like (if it looks like another), and by what."""

    verdict: Verdict
    detected: str | None
    detector: str


def check(text: str, language: Named) -> Check:
    """Say whether ``text`` is plausibly in ``language``.

    First the script: a text whose letters are mostly of another script is suspicious. Then, from 20 letters on and
    only for languages that it knows, langdetect. Never raises for any text.
    """
    prose = _NOT_PROSE.sub(" ", (clean(text) or "")[:MOST_CHARACTERS])
    letters = "".join(_LETTER.findall(prose))
    own = letter_of(language.script)
    if not letters or own is None:
        return _found("cannot judge")
    fits = is_in_script(letters, language.script)
    if len(letters) < FEWEST_LETTERS:
        return _found("plausible" if fits else "suspicious")
    if not fits:
        return _found("suspicious", next(iter(_answers(prose, letters)), None))
    plausible = labels_for(language.iso639_3, language.script)
    own_letters = "".join(own.findall(letters)) if plausible else ""
    # One trial is enough to believe a writer; to doubt them takes all of them.
    if plausible and plausible.intersection(_answers(prose, own_letters, trials=1)):
        return _found("plausible")
    answers = _answers(prose, own_letters) if plausible else []
    if not answers:
        return _found("cannot judge")
    return _found("plausible") if plausible.intersection(answers) else _found("suspicious", answers[0])


def _found(verdict: Verdict, label: str | None = None) -> Check:
    return {"verdict": verdict, "detected": LABELS[label] if label else None, "detector": detector_name()}


@cache
def detector_name() -> str:
    """Return the detector and its version, for the record."""
    return f"langdetect {version('langdetect')}"


def _answers(prose: str, letters: str, *, trials: int = TRIALS) -> list[str]:
    """Return langdetect's labels that are likely enough, best first; only of scripts that the letters are of.

    Left to itself it takes a Chinese text with an English name in it for Korean.
    """
    fitting = _fitting_labels(letters)
    if len(fitting) <= 1:
        return list(fitting)
    from langdetect.lang_detect_exception import LangDetectException  # noqa: PLC0415  # slow, and few pages need it

    with _loading:  # profiles are loaded once in a process, also when two requests come first together
        factory = _factory(fitting)
    detector = factory.create()
    detector.n_trial = trials
    try:
        detector.append(prose)
        return [str(answer.lang) for answer in detector.get_probabilities()]
    except LangDetectException:  # nothing in the text that it has ever seen
        return []


def _fitting_labels(letters: str) -> tuple[str, ...]:
    fitting = those_fitting(letters, _SCRIPTS)
    return tuple(label for label, code in LABELS.items() if code[4:] in fitting)


@cache
def _factory(labels: tuple[str, ...]) -> Any:  # noqa: ANN401  # langdetect has no types
    """Return a factory of our own for these labels: seeded, its profiles in a fixed order, so that answers never change.

    Its time grows with the languages that it weighs against each other: those of one script are few.
    """
    from langdetect.detector_factory import DetectorFactory  # noqa: PLC0415  # as above

    profiles = sorted((file for file in files("langdetect").joinpath("profiles").iterdir()), key=lambda file: file.name)
    factory = DetectorFactory()
    factory.set_seed(SEED)
    factory.load_json_profile([file.read_text(encoding="utf-8") for file in profiles if file.name in labels])
    return factory
