"""The wordings that the program brings: plain, complete, and honest about what cannot be undone."""

import re
from datetime import timedelta
from typing import Any

import pytest
import yaml
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from annotator.consent import actions, queries
from annotator.consent.actions import KINDS, _read, _seed_files
from annotator.consent.rules import RIGHTS
from annotator.errors import NotFound
from annotator.permissions import OPERATOR, Actor
from annotator.settings import RightsPolicy
from tests.makers import a_person

DOCUMENTS: dict[str, dict[str, Any]] = {file.name: _read(file) for file in _seed_files()}
TERMS, PRIVACY, GATED = (DOCUMENTS[name] for name in ("terms-1.en.md", "privacy-1.en.md", "gated-terms-1.en.md"))
HARDEST_GRADE = 9  # of school: the plain-language guides ask for texts that a pupil of 14 can read


def syllables(word: str) -> int:
    """Return about how many syllables an English word has: groups of vowels, without a silent e at the end."""
    groups = len(re.findall(r"[aeiouy]+", word))
    if (word.endswith("e") and not word.endswith(("le", "ee"))) or re.search(r"[^td]ed$", word):
        groups -= 1
    return max(groups, 1)


def grade(body: str) -> float:
    """Return the Flesch-Kincaid grade: 0.39 words per sentence + 11.8 syllables per word - 15.59 (Kincaid 1975)."""
    prose = re.sub(r"^(#.*|\|[-|]+\|)$", "", body, flags=re.MULTILINE)
    prose = re.sub(r"[*`\"]|\(.*?\)", "", prose)
    sentences = [s for s in re.split(r"[.!?:](?:\s|$)|\n\n|\n- |\|\n?", prose) if len(s.split()) > 1]
    words = re.findall(r"[a-z]+(?:'[a-z]+)?", " ".join(sentences).lower())
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def test_the_measure_tells_easy_from_hard() -> None:
    assert grade("The cat sat on the mat. It was a big cat.") < 1
    hard = (
        "Notwithstanding the aforementioned considerations, contributors irrevocably acknowledge perpetual obligations."
    )
    assert grade(hard) > HARDEST_GRADE


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_easy_to_read(name: str) -> None:
    assert grade(DOCUMENTS[name]["body"]) <= HARDEST_GRADE
    longest = max(re.split(r"[.!?:|]\s|\n\n", DOCUMENTS[name]["body"]), key=lambda sentence: len(sentence.split()))
    assert len(longest.split()) <= 35, longest


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_file_is_named_after_what_is_in_it(name: str) -> None:
    facts = DOCUMENTS[name]
    assert name == f"{facts['kind']}-{facts['version']}.{facts['language']}.md"
    assert facts["kind"] in KINDS
    assert facts["authoritative"] is True
    assert facts["title"].strip()
    assert set(facts) == {"kind", "version", "language", "title", "authoritative", "body"}
    assert not facts["body"].startswith("#"), "the title is the page's heading"
    assert yaml.safe_load(f"a: {facts['version']}")["a"] == facts["version"], "a number, not a text"


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        (TERMS, "CC-BY-4.0"),
        (TERMS, "CC-BY-SA-4.0"),
        (TERMS, "CC-BY-NC-4.0"),
        (TERMS, "If you choose Open, you agree to both."),
        (TERMS, "Copies that people have already taken **stay licensed**."),
        (TERMS, "A model that has already learned from your text does not forget it."),
        (TERMS, "We stop giving it out"),
        (TERMS, "We tell everybody"),
        (TERMS, "told that it is gone (code 410)"),
        (TERMS, "you get a **claim code**"),
        (TERMS, "We call this **mending**"),
        (TERMS, "A public list, the feed,"),
        (TERMS, "Two people must agree to such a hold"),
        (TERMS, "Such a language can be **protected**"),
        (TERMS, "You get a receipt for each choice."),
        (TERMS, "If a translation that you read was wrong"),
        (TERMS, "If a new version lets others do more than before, we ask you again"),
        (PRIVACY, "Each is off until you switch it on"),
        (PRIVACY, "it is deleted at once"),
        (TERMS, "you give your changes under the same terms as the text that you change"),
        (TERMS, "It goes out only as far as **all** its authors allow."),
        (TERMS, "If you **allow less**, it counts at once, also for what you wrote before."),
        (TERMS, "You must be 18 or older."),
        (TERMS, "Whoever holds two releases can compare them"),
        (TERMS, "What you gave before stays under the version that you gave it under."),
        (PRIVACY, "In a small language, people who know you may know your text by its style"),
        (GATED, "LicenseRef-Annotator-Gated-1.0"),
        (GATED, "Follow the list of withdrawn texts."),
    ],
)
def test_a_document_says_plainly(facts: dict[str, Any], sentence: str) -> None:
    assert sentence in facts["body"]


def test_the_numbers_in_the_documents_are_those_of_the_policy() -> None:
    """Whoever sets other numbers adopts a text of their own; the texts that come along promise what comes along."""
    policy = RightsPolicy()
    undo, erase, release = policy.undo // timedelta(hours=1), policy.erase.days, policy.release.days
    assert erase == release
    for body in (TERMS["body"], PRIVACY["body"]):
        assert f"{undo} hours" in body
        assert f"At most {erase} days after that" in body or f"At most {erase} days after that**" in body
        assert f"{policy.block.days} days" in body
    assert f"waits for {policy.mend.days} days" in TERMS["body"]
    assert f"ends after {policy.hold.days} days at most" in TERMS["body"]
    assert f"within {policy.answer.days} days" in TERMS["body"]
    assert f"gone after {policy.export.days} days" in PRIVACY["body"]
    assert policy.small_count == 5
    assert "at least five people" in PRIVACY["body"]
    numbers = set(re.findall(r"\b(\d+) (?:hours|days)", TERMS["body"] + PRIVACY["body"]))
    assert numbers == {"72", "7", "90", "30", "180"}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_names_no_installation(name: str) -> None:
    assert not re.search(r"https?://|@|\{|\}|example", DOCUMENTS[name]["body"])


def test_the_terms_explain_every_grant() -> None:
    explained = {"derive": "change"}
    for name in RIGHTS:
        assert f"| {explained.get(name, name)} |" in TERMS["body"]


def test_the_gated_terms_explain_every_purpose_that_a_row_can_name() -> None:
    for name in ("train", "evaluate", "research", "commercial", "derive"):
        assert f"| {name} |" in GATED["body"]


def test_the_seed_documents_do_not_replace_what_a_maintainer_adopted(session: Session) -> None:
    facts = {"kind": "terms", "version": 2, "language": "en", "title": "T", "body": "B", "authoritative": True}
    own = actions.adopt(session, actor=OPERATOR, **facts)  # type: ignore[arg-type]  # facts of a document
    assert {document.kind for document in actions.load_seed_documents(session, OPERATOR)} == {"privacy", "gated-terms"}
    assert queries.current_document(session, "terms") is own


def test_without_documents_nothing_can_be_decided(session: Session) -> None:
    actor = Actor(person_id=a_person(session).id)
    with pytest.raises(NotFound) as caught:
        actions.decide(session, actor=actor, preset="open", attribution="none", adult=True)
    assert caught.value.code == "document_missing"


@pytest.mark.parametrize("statement", ["update documents set body = 'Other.'", "delete from documents"])
def test_the_database_itself_refuses_to_change_a_document(session: Session, statement: str) -> None:
    actions.load_seed_documents(session, OPERATOR)
    with pytest.raises(DBAPIError):
        session.execute(text(statement))
