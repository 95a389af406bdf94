"""Contributors' own texts in the pool: a prompt that points at a revision, and copies no text."""

import hashlib
import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.consent.rules import SourceClass
from annotator.projects.models import Project
from annotator.prompts.models import Prompt, PromptAuthor

# The place in the shuffled pool is a lottery ticket, nothing secret.
_lottery = random.Random()  # noqa: S311  # not for cryptography


@dataclass(frozen=True)
class Author:
    """Somebody whose words the revision shows, and the facts of that text which its rights depend on."""

    person_id: int
    annotation_id: int
    language_id: int
    given_at: datetime


def offer_revision(
    session: Session,
    *,
    revision_id: int,
    project: Project,
    language_id: int,
    instruction_language_id: int,
    input_language_id: int | None,
    origin: Prompt | None,
    authors: Iterable[Author],
) -> Prompt:
    """Offer a revision for re-annotation and return its prompt; the same revision is offered once.

    ``origin`` is the imported prompt at the root of the lineage, whose source and licence class go on.
    """
    found = session.scalar(select(Prompt).where(Prompt.revision_id == revision_id, Prompt.kind == "reannotate"))
    if found is not None:
        return found
    # Whoever raises the overlap waits, or has done so and is seen: else the new prompt would have too few places.
    session.refresh(project, ["overlap"], with_for_update={"read": True})
    prompt = Prompt(
        project_id=project.id,
        language_id=language_id,
        kind="reannotate",
        instruction_language_id=instruction_language_id,
        input_language_id=input_language_id,
        revision_id=revision_id,
        source_id=origin.source_id if origin else None,
        template_id=origin.template_id if origin else None,
        answer_link="edit",
        source_class=origin.source_class if origin else SourceClass.FREE.value,
        shuffle=_lottery.getrandbits(31),
        free_places=project.overlap,
        text_hash=hashlib.sha256(f"revision:{revision_id}".encode()).hexdigest(),
        # People whose cursor has passed its place in the shuffle find it by this.
        reopened=clock.micros(clock.now()),
        created_at=clock.now(),
    )
    session.add(prompt)
    session.flush()
    add_authors(session, revision_id=revision_id, authors=authors)
    return prompt


def add_authors(session: Session, *, revision_id: int, authors: Iterable[Author]) -> None:
    """Name those of the authors who are not named yet beside every prompt that shows this revision."""
    listed = list(authors)
    for prompt_id in session.scalars(select(Prompt.id).where(Prompt.revision_id == revision_id)).all():
        named = select(PromptAuthor.person_id, PromptAuthor.annotation_id).where(PromptAuthor.prompt_id == prompt_id)
        known = {tuple(row) for row in session.execute(named)}
        unique = {(a.person_id, a.annotation_id): a for a in listed}
        session.add_all(
            PromptAuthor(
                prompt_id=prompt_id,
                person_id=a.person_id,
                annotation_id=a.annotation_id,
                language_id=a.language_id,
                given_at=a.given_at,
            )
            for key, a in unique.items()
            if key not in known
        )
    session.flush()


def close(session: Session, prompt: Prompt) -> None:
    """Offer the prompt to nobody any more; what people hold of it stays theirs."""
    prompt.state = "closed"
    session.flush()


def close_pointing_at(session: Session, revision_id: int) -> None:
    """Close every prompt that shows this revision."""
    for prompt in session.scalars(select(Prompt).where(Prompt.revision_id == revision_id)):
        close(session, prompt)


def close_showing(
    session: Session, *, annotation_id: int, person_id: int, withdrawal_id: int | None = None
) -> list[Prompt]:
    """Close and return every prompt whose words come, anywhere along the lineage, from a person's words in an annotation.

    With ``withdrawal_id`` it is noted who closed it, so that :func:`open_again` can undo it.
    """
    shown = select(PromptAuthor.prompt_id).where(
        PromptAuthor.annotation_id == annotation_id, PromptAuthor.person_id == person_id
    )
    found = list(session.scalars(select(Prompt).where(Prompt.id.in_(shown)).order_by(Prompt.id)))
    for prompt in found:
        if withdrawal_id is not None and prompt.state != "closed":
            prompt.withdrawal_id, prompt.state_before = withdrawal_id, prompt.state
        close(session, prompt)
    return found


def closed_by(session: Session, withdrawal_id: int) -> list[Prompt]:
    """Return the prompts that a withdrawal closed."""
    return list(session.scalars(select(Prompt).where(Prompt.withdrawal_id == withdrawal_id).order_by(Prompt.id)))


def open_again(session: Session, prompt: Prompt) -> None:
    """Offer a prompt as before a withdrawal closed it; people whose cursor has passed it find it again."""
    prompt.state = prompt.state_before or "open"
    prompt.withdrawal_id = prompt.state_before = None
    prompt.reopened = clock.micros(clock.now())
    session.flush()
