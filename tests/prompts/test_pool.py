"""Contributors' texts in the pool: pointed at, never copied."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator.annotations.models import Annotation
from annotator.prompts import pool
from annotator.prompts.models import Prompt, PromptAuthor
from tests.stories import World, a_contributor, a_world


def offer(session: Session, world: World, annotation: Annotation, *, origin: Prompt | None = None) -> Prompt:
    author = pool.Author(annotation.author_id, annotation.id, world.language.id, annotation.created_at)
    return pool.offer_revision(
        session,
        revision_id=annotation.revisions[-1].id,
        project=world.project,
        language_id=world.language.id,
        instruction_language_id=world.language.id,
        input_language_id=None,
        origin=origin,
        authors=[author, author],
    )


def test_a_revision_is_offered_once_and_copies_no_text(session: Session) -> None:
    world = a_world(session, reannotate_contributions=False, overlap=2)
    author = a_contributor(session, world.language)
    written = world.writes(author, instruction="Kí ni o rí?", completion="Ọjà.")
    prompt = offer(session, world, written)
    assert offer(session, world, written) is prompt
    session.expire_all()
    assert (prompt.instruction, prompt.input, prompt.completion, prompt.likeness) == (None, None, None, None)
    assert (prompt.kind, prompt.state, prompt.free_places, prompt.source_class) == ("reannotate", "open", 2, "free")
    assert prompt.revision_id == written.revisions[-1].id
    shown = session.scalars(select(PromptAuthor)).all()
    assert [(one.prompt_id, one.person_id, one.annotation_id) for one in shown] == [(prompt.id, author.id, written.id)]


def test_closing_what_shows_a_revision_or_a_person_s_words(session: Session) -> None:
    world = a_world(session, reannotate_contributions=False)
    author, other = a_contributor(session, world.language), a_contributor(session, world.language)
    first, second, third = (
        offer(session, world, world.writes(who, instruction=f"{n}?")) for n, who in enumerate((author, author, other))
    )
    assert first.revision_id is not None
    pool.close_pointing_at(session, first.revision_id)
    assert [one.state for one in (first, second, third)] == ["closed", "open", "open"]
    annotation_id = session.scalars(select(PromptAuthor.annotation_id).where(PromptAuthor.prompt_id == second.id)).one()
    pool.close_showing(session, annotation_id=annotation_id, person_id=other.id)
    assert second.state == "open"
    pool.close_showing(session, annotation_id=annotation_id, person_id=author.id)
    assert [one.state for one in (first, second, third)] == ["closed", "closed", "open"]
