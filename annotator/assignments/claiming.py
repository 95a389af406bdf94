"""Reserve the next prompt for a person, at a cost that depends on nothing but what is offered next.

A claim is a fixed number of statements. It reads no pool and no history: an index and a cursor (``walk``) lead to the
next prompt, one statement locks it, one takes its lowest free place.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, bindparam, case, exists, literal_column, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from annotator import clock
from annotator.assignments import caps, looks, queries, rules, walk
from annotator.assignments.models import Assignment, Draft
from annotator.assignments.rules import Empty
from annotator.audit import actions as audit
from annotator.consent import queries as consent
from annotator.consent.rules import Rights, SourceClass, Text, decisions, is_practice, meet, outbound
from annotator.database import table_of
from annotator.errors import Forbidden, NotFound
from annotator.languages.models import Language
from annotator.permissions import Actor, Permission, permit
from annotator.projects.models import Project
from annotator.prompts.models import Prompt, PromptAuthor
from annotator.ready import Together

# Which piece of work comes next is a lottery by weight; nothing secret hangs on it.
_lottery = random.Random()  # noqa: S311  # not for cryptography

RESERVED_KINDS = ("answer", "reannotate")


@dataclass(frozen=True)
class Claim:
    """The next piece of work; or none, with the reason and, where time will help, when to try again.

    ``fresh``: it was reserved just now, not held already. ``waiting``: how many texts wait for review, where that is
    the reason (``queries.MOST_WAITING`` means at least so many).
    """

    assignment: Assignment | None = None
    reason: Empty | None = None
    retry_at: datetime | None = None
    fresh: bool = False
    waiting: int | None = None


def claim(
    session: Session, *, actor: Actor, project: Project, language: Language, kinds: Sequence[str] | None = None
) -> Claim:
    """Return the person's unfinished work in this language, or reserve the next prompt for them.

    Never one's own words, never a prompt done or skipped before, never one whose result could not be published
    with this person's grants (rights-model §2.5; practice work excepted, which takes no place of the overlap).
    Raises Forbidden ``consent_needed`` without a standing consent, NotFound ``language_not_in_project``.
    """
    permit(actor, Permission.WORK_CLAIM)
    person_id = actor.person_id
    if person_id is None:
        raise Forbidden("not_permitted", permission=Permission.WORK_CLAIM.value)
    now = clock.now()
    speaks = queries.queue_up(session, person_id, project=project, language=language)
    if not speaks.collected:
        raise NotFound("language_not_in_project", language=language.english, project=project.title)
    agreed = consent.agreed(session, person_id, language_id=language.id, at=now)
    if agreed is None:
        raise Forbidden("consent_needed")
    wanted = [kind for kind in RESERVED_KINDS if project.mix.get(kind) and (kinds is None or kind in kinds)]
    rights = agreed.decisions.rights
    walker = walk.Walker(
        session,
        project,
        language.id,
        person_id=person_id,
        kinds=wanted,
        readable_ids=speaks.reads,
        terms=_terms(project, rights),
    )
    if walker.held is not None:
        return Claim(queries.get(session, walker.held, person_id=person_id))
    if project.state != "open":
        return Claim(reason=Empty.PAUSED)
    if not speaks.writes:
        return Claim(reason=Empty.NOT_A_WRITER)
    cap = caps.reached(session, project=project, person_id=person_id, language_id=language.id, now=now)
    if cap is not None and not is_practice(rights):
        return Claim(reason=Empty.CAP, retry_at=cap.until)
    classes = publishable_classes(project, rights)
    for prompt in _offers(walker, _draw_order(project, wanted), classes):
        if _authors_allow(session, prompt, project, rights, now):
            reserved = _reserve(session, prompt, walker, actor=actor, practice=is_practice(rights), now=now)
            walker.remember()
            return Claim(reserved, fresh=True)
    walker.remember()
    return _nothing(session, project, language, wanted, walker=walker, classes=classes, person_id=person_id, now=now)


def _offers(walker: walk.Walker, kinds: Sequence[str], classes: Sequence[str]) -> Iterator[Prompt]:
    """Yield prompts from all shelves that the person's grants allow."""
    for kind in kinds:
        for source_class in classes:
            yield from walker.candidates(kind, source_class)


def publishable_classes(project: Project, rights: Rights) -> list[str]:
    """Return the classes of sources that a result under these rights could be published from, in this project."""
    return list(_publishable(rights, tuple(project.lanes)))


@lru_cache(maxsize=4096)
def _publishable(rights: Rights, lanes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(
        source.value for source in SourceClass if is_practice(rights) or outbound(source, rights).lane in lanes
    )


def _terms(project: Project, rights: Rights) -> str:
    """Return what decides, beside a prompt itself, whether this person may take it: another answer means a new round."""
    allowed = ",".join(f"{name}={value}" for name, value in rights.as_dict().items())
    return f"{allowed}|{','.join(project.lanes)}|{project.overlap}"


def _draw_order(project: Project, kinds: Sequence[str]) -> list[str]:
    """Return the kinds in an order drawn by their weights in the project's mix."""
    return sorted(kinds, key=lambda kind: _lottery.random() ** (1 / float(project.mix[kind])), reverse=True)


def _authors_allow(session: Session, prompt: Prompt, project: Project, rights: Rights, now: datetime) -> bool:
    """Say whether a result could be published: the authors of the words it starts from must allow it too."""
    if prompt.revision_id is None:
        return True
    written = list(session.scalars(select(PromptAuthor).where(PromptAuthor.prompt_id == prompt.id)))
    events = consent.events_of(session, [author.person_id for author in written])
    theirs = meet(
        decisions(
            events[author.person_id], Text(author.language_id, author.given_at, author.annotation_id), at=now
        ).rights
        for author in written
    )
    if not theirs.derive:
        return False
    return (
        is_practice(rights) or outbound(SourceClass(prompt.source_class), meet([theirs, rights])).lane in project.lanes
    )


def _reserve(
    session: Session, prompt: Prompt, walker: walk.Walker, *, actor: Actor, practice: bool, now: datetime
) -> Assignment:
    """Give the prompt, which is locked, to the person, in its lowest free place (practice work takes none).

    What the person gave back or let expire is theirs anew.
    """
    reserved: Assignment = _RESERVE[practice].run(
        session,
        {
            "the_prompt_id": prompt.id,
            "the_person_id": actor.person_id,
            "the_project_id": prompt.project_id,
            "the_language_id": prompt.language_id,
            "the_assigned_at": now,
            "the_lease_until": rules.lease_from(now),
            **walker.cursor(prompt.kind, prompt.source_class),
            **audit.said(actor, now, prompt=prompt.id),
        },
    )
    if not practice:
        set_committed_value(prompt, "free_places", prompt.free_places - 1)
    set_committed_value(reserved, "prompt", prompt)
    return reserved


def _reservation(*, practice: bool) -> Together:
    """Return the writes of a claim: the reservation, one free place less, the cursor, a line in the audit."""
    prompts = table_of(Prompt)

    def take(dialect: Any) -> Any:  # noqa: ANN401  # one of SQLAlchemy's two modules, and its insert
        names = ("prompt_id", "person_id", "project_id", "language_id", "assigned_at", "lease_until")
        insert = dialect.insert(table_of(Assignment)).values(
            place=None if practice else queries.lowest_free(bindparam("the_prompt_id")),
            state="assigned",
            **{name: bindparam(f"the_{name}") for name in names},
        )
        # What expired may have been begun: its draft is there still.
        begun = exists().where(Draft.assignment_id == literal_column("assignments.id"))
        revived = {name: insert.excluded[name] for name in ("place", "assigned_at", "lease_until")}
        revived["state"] = case((begun, "draft"), else_="assigned")
        return insert.on_conflict_do_update(
            index_elements=["person_id", "prompt_id"],
            set_={**revived, "skip_reason": None, "ended_at": None},
            where=Assignment.state.in_((literal_column("'released'"), literal_column("'expired'"))),
        )

    def then(dialect: Any, new_id: ColumnElement[int]) -> list[Any]:  # noqa: ANN401  # as above
        fewer = (
            prompts.update()
            .where(prompts.c.id == bindparam("the_prompt_id"))
            .values(free_places=prompts.c.free_places - 1)
        )
        noted = audit.line(new_id, action="assignment.claimed", object_kind="assignment")
        return [*([] if practice else [fewer]), looks.upsert(dialect), noted]

    return Together(Assignment, take, then)


_RESERVE = {practice: _reservation(practice=practice) for practice in (True, False)}


def _nothing(
    session: Session,
    project: Project,
    language: Language,
    kinds: Sequence[str],
    *,
    walker: walk.Walker,
    classes: Sequence[str],
    person_id: int,
    now: datetime,
) -> Claim:
    """Say why there is no work, by the first reason that holds; a few rows of each sort are looked at."""
    if not queries.any_prompt(session, project, language):
        return Claim(reason=Empty.NO_WORK)
    if walker.busy:
        return Claim(reason=Empty.RESERVED, retry_at=now + rules.A_MOMENT)
    left = [found for found in queries.left_over(session, walker) if found.kind in kinds]
    if left:
        return Claim(reason=Empty.CONSENT if any(found.reads for found in left) else Empty.NOT_A_READER)
    until = queries.reserved_until(session, walker, kinds, classes)
    if until is not None:
        return Claim(reason=Empty.RESERVED, retry_at=until)
    if project.reannotate_contributions and "reannotate" in kinds:
        waiting = queries.waiting_for_review(session, project, language, person_id=person_id)
        if waiting:
            return Claim(reason=Empty.REVIEWS, waiting=waiting)
    return Claim(reason=Empty.DONE)
