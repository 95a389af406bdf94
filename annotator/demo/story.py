"""The story that the demo plays, chapter by chapter, by the rooms' own actions: nothing here writes a row itself."""

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts import actions as accounts
from annotator.annotations import actions as annotations
from annotator.annotations.rules import Written
from annotator.assignments import actions as assignments
from annotator.assignments.rules import SkipReason
from annotator.consent import actions as consent
from annotator.demo import people, texts
from annotator.demo.people import Member
from annotator.demo.texts import Words
from annotator.languages import actions as language_actions
from annotator.languages import queries as languages
from annotator.permissions import OPERATOR, Actor
from annotator.projects import actions as projects
from annotator.prompts import actions as prompts
from annotator.review import actions as review
from annotator.review import queries as reviews
from annotator.rights import actions as rights

if TYPE_CHECKING:  # the story handles people and texts, but only actions make or change them
    from annotator.accounts.models import Person
    from annotator.annotations.models import Annotation
    from annotator.languages.models import Language
    from annotator.projects.models import Project
    from annotator.prompts.models import Prompt
    from annotator.review.models import Review
    from annotator.rights.models import Withdrawal

SLUG = "everyday-words"
GRANT_LASTS = timedelta(days=730)

# Of these, one author takes the first text back, and one narrows what may be done with the second; both were improved
# by somebody else before. The languages have a second text of their first author's, written after the first release.
WITHDRAWN, NARROWED = "arb-own-1", "yor-own-1"
LATER = ("yor_Latn", "arb_Arab", "swh_Latn", "hin_Deva")
# What the ambassador who is shown to visitors finds on the desk.
LEFT_FOR_VISITORS = "yor_Latn"


@dataclass(frozen=True)
class Letters:
    """The letters that pages would send at these events; the edge brings them."""

    changes_requested: Callable[[Session, "Review"], None]
    taken_back: Callable[[Session, "Person", "Withdrawal"], None]


@dataclass
class Stage:
    """Where the story stands: who is there, what was written under which key."""

    session: Session
    letters: Letters
    words: dict[str, Words] = field(default_factory=texts.words)
    passwords: dict[str, str] = field(default_factory=dict)
    people: dict[str, "Person"] = field(default_factory=dict)
    texts: dict[str, "Annotation"] = field(default_factory=dict)
    project: "Project" = field(init=False)

    def language(self, code: str) -> "Language":
        """Return the language with this code."""
        return languages.by_code(self.session, code)

    def actor(self, handle: str) -> Actor:
        """Return what this person is now, as a page would."""
        return languages.actor_for(self.session, self.people[handle])


def open_project(stage: Stage) -> None:
    """Make the project and bring the demo's own prompts in."""
    session, pool = stage.session, list(texts.pool())
    stage.project = projects.create(
        session,
        actor=OPERATOR,
        slug=SLUG,
        title="Everyday words",
        description="Questions that people really ask at home, at school and at the market, and good answers to them.",
        languages=[stage.language(code) for code, _ in pool],
        mix={"original": 1, "answer": 3, "reannotate": 2},
        overlap=2,
        reviews=1,
        reannotate_contributions=True,
    )
    for code, rows in pool:
        report = prompts.import_prompts(
            session, actor=OPERATOR, project=stage.project, source=texts.POOL_SOURCE, license=texts.POOL_LICENSE,
            rows=rows, language=stage.language(code),
        )  # fmt: skip
        if not report.landed:
            message = f"the demo's own pool cannot be imported: {code}, {report.refused.shown}"
            raise RuntimeError(message)


def welcome(stage: Stage) -> None:
    """Everybody joins, says what they speak and decides about their rights; ambassadors are appointed."""
    for member in people.EVERYBODY:
        _join(stage, member)
    person = stage.people[people.MAINTAINER.handle]
    accounts.grant_role(stage.session, actor=OPERATOR, person=person, role="maintainer")
    for member in people.AMBASSADORS:
        for code in member.ambassador_of:
            language_actions.appoint(
                stage.session,
                actor=stage.actor(people.MAINTAINER.handle),
                person=stage.people[member.handle],
                language=stage.language(code),
            )


def _join(stage: Stage, member: Member) -> None:
    session = stage.session
    password = None
    if member.handle in people.SIGN_IN.values():
        password = stage.passwords[member.handle] = secrets.token_urlsafe(12)
    person = accounts.add(session, actor=OPERATOR, email=member.email, handle=member.handle, password=password)
    stage.people[member.handle] = person
    actor = stage.actor(member.handle)
    for place, code in enumerate((*member.writes, *member.reads)):
        language_actions.set_speaker(
            session,
            actor=actor,
            person=person,
            language=stage.language(code),
            reads=True,
            writes=code in member.writes,
            reviews=code in member.ambassador_of,
            level="fluent" if place else "native",
        )
    consent.decide(
        session,
        actor=actor,
        preset=member.preset,
        attribution=member.attribution,
        rights=member.rights,
        credit_name=member.credit_name if member.attribution == "named" else None,
        adult=True,
        expires_at=clock.now() + GRANT_LASTS if member.grant_ends else None,
    )
    if member.in_first_language:
        consent.decide(
            session,
            actor=actor,
            preset=member.in_first_language,
            attribution=None,
            language=stage.language(member.writes[0]),
        )


def first_round(stage: Stage) -> None:
    """Let contributors answer and re-annotate prompts of the pool, and write some of their own."""
    for member in people.CONTRIBUTORS:
        _work(stage, member, ("answer", "reannotate"))
    for member in (*people.CONTRIBUTORS, *people.LEARNERS):
        _write_own(stage, member, number=1 if member in people.CONTRIBUTORS else 2)


def second_round(stage: Stage) -> None:
    """Let others rate and improve the accepted texts, which have come back into the pool."""
    for member in people.RE_ANNOTATORS:
        _work(stage, member, ("reannotate",))


def _work(stage: Stage, member: Member, kinds: Sequence[str]) -> None:
    """Take what comes until nothing is left, or until this person has done enough for today."""
    session, actor, language = stage.session, stage.actor(member.handle), stage.language(member.writes[0])
    done = 0
    while True:
        found = assignments.claim(session, actor=actor, project=stage.project, language=language, kinds=kinds)
        assignment = found.assignment
        if assignment is None:
            return
        answer = _answer_to(stage, assignment.prompt)
        if answer is None:
            assignments.skip(session, actor=actor, assignment=assignment, reason=SkipReason.DO_NOT_KNOW.value)
            continue
        key, written = answer
        if done >= member.after and member.leaves == "release":
            assignments.release(session, actor=actor, assignment=assignment)
            return
        if done >= member.after:
            begun = (written.completion or "").partition(".")[0]
            assignments.save_draft(
                session, actor=actor, project=stage.project, language=language, assignment=assignment,
                texts={"completion": begun}, version=0,
            )  # fmt: skip
            return
        made = annotations.submit(session, actor=actor, assignment=assignment, written=written)
        if key:
            stage.texts[key] = made
        done += 1


def _answer_to(stage: Stage, prompt: "Prompt") -> tuple[str | None, Written] | None:
    """Return what somebody writes for a prompt, and under which key; None where they have nothing to say."""
    if prompt.revision_id is not None:
        return _improvement_of(stage, prompt.revision_id)
    words = stage.words.get(prompt.external_id or "")
    if words is None or words.key in stage.texts:
        return None
    prompt_rating, completion_rating = words.ratings or (None, None)
    return words.key, Written(
        completion=words.first or words.completion,
        rating_prompt=prompt_rating,
        rating_completion=completion_rating,
        ai_assisted="no",
    )


def _improvement_of(stage: Stage, revision_id: int) -> tuple[str | None, Written]:
    """Return a better version of somebody's text where there is one; else it is good as it is."""
    for key, annotation in stage.texts.items():
        words = stage.words.get(key)
        if words and words.better and any(revision.id == revision_id for revision in annotation.revisions):
            improved = Written(completion=words.better, rating_prompt=5, rating_completion=3, ai_assisted="no")
            return better_of(key), improved
    return None, Written(already_good=True, rating_prompt=4, rating_completion=5, ai_assisted="no")


def better_of(key: str) -> str:
    """Return the key of another person's improvement of the text with this key."""
    return f"{key}-better"


def _write_own(stage: Stage, member: Member, number: int) -> None:
    """Hand in the person's own prompt and completion of this number, if there is one."""
    code = member.writes[0]
    words = stage.words.get(f"{code.partition('_')[0]}-own-{number}")
    if words is None:
        return
    stage.texts[words.key] = annotations.submit_original(
        stage.session,
        actor=stage.actor(member.handle),
        project=stage.project,
        language=stage.language(code),
        written=Written(words.instruction, words.input, words.completion, ai_assisted="no"),
    )


def review_round(stage: Stage) -> None:
    """Ambassadors empty their desks; authors revise what came back, and it is read again."""
    _review(stage, people.AMBASSADORS)
    for key, annotation in list(stage.texts.items()):
        if annotation.state == "changes_requested":
            annotations.revise(
                stage.session,
                actor=languages.actor_for(stage.session, annotation.author),
                annotation=annotation,
                written=Written(completion=stage.words[key].completion),
            )
    _review(stage, people.AMBASSADORS)


def _review(stage: Stage, ambassadors: Iterable[Member], *, leave: str | None = None) -> None:
    keys = {annotation.id: key for key, annotation in stage.texts.items()}
    for member in ambassadors:
        actor, reviewer = stage.actor(member.handle), stage.people[member.handle]
        for code in member.ambassador_of:
            if code == leave:
                continue
            language = stage.language(code)
            while waiting := reviews.queue(stage.session, language=language, reviewer_id=reviewer.id):
                for annotation in waiting:
                    words = stage.words.get(keys.get(annotation.id, ""))
                    _decide(stage, actor, annotation, words)


def _decide(stage: Stage, actor: Actor, annotation: "Annotation", words: Words | None) -> None:
    """Accept, unless the text's words say that its review goes another way."""
    outcome = "accepted"
    reasons: tuple[str, ...] = ()
    note: str | None = None
    written: Written | None = None
    if words and words.first and len(annotation.revisions) == 1:
        outcome, reasons, note = "changes_requested", words.reasons, words.note
    elif words and words.declined:
        outcome, reasons, note = "declined", words.declined, words.note
    elif words and words.edited:
        outcome, written = "accepted_with_edits", Written(completion=words.edited)
    made = review.decide(
        stage.session, actor=actor, annotation=annotation, outcome=outcome, reasons=reasons, note=note, written=written
    )
    if outcome == "changes_requested":
        stage.letters.changes_requested(stage.session, made)


def change_of_mind(stage: Stage) -> None:
    """One author takes a text back, another narrows what may be done with one; both had been built upon."""
    text = stage.texts[WITHDRAWN]
    withdrawal = rights.withdraw(
        stage.session,
        actor=languages.actor_for(stage.session, text.author),
        person=text.author,
        annotation=text,
    )
    stage.letters.taken_back(stage.session, text.author, withdrawal)
    text = stage.texts[NARROWED]
    consent.decide(
        stage.session,
        actor=languages.actor_for(stage.session, text.author),
        preset="noncommercial",
        attribution=None,
        annotation_id=text.id,
    )


def later_texts(stage: Stage) -> None:
    """Hand in some more texts and read them, but for one that waits for visitors."""
    for member in people.CONTRIBUTORS:
        if member.writes[0] in LATER:
            _write_own(stage, member, number=2)
    _review(stage, people.AMBASSADORS, leave=LEFT_FOR_VISITORS)
