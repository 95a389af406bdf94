"""One's texts in a copy of one's data: every version with its words, read some hundred at a time."""

import gc
from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from annotator.annotations import queries as annotations
from annotator.annotations.models import Annotation, Revision
from annotator.annotations.rules import FIELDS, Texts, newest_own, taken_back, texts_for, texts_of
from annotator.languages.shapes import text_in
from annotator.rights.mydata.parts import Facts, Source

AT_ONCE = 200
# After so many rounds what was forgotten is collected: rows point at each other, so it does not go by itself.
ROUNDS = 5


def contributions(source: Source) -> Iterator[Facts]:
    """Yield every text of the person: in full as it is now, then each version with what it set."""
    last = rounds = 0
    while found := _after(source, last):
        annotations.load_lineage(source.session, [one for annotation in found for one in annotation.revisions])
        for annotation in found:
            yield _contribution(source, annotation)
        last = found[-1].id
        rounds = _forget(source, rounds)


def edits(source: Source) -> Iterator[Facts]:
    """Yield what the person wrote into texts of others, as a reviewer."""
    last = rounds = 0
    while True:
        query = (
            select(Revision)
            .join(Annotation)
            .where(
                Revision.author_id == source.person_id,
                Annotation.author_id != source.person_id,
                Revision.id > last,
            )
            .options(selectinload(Revision.annotation))
            .order_by(Revision.id)
            .limit(AT_ONCE)
        )
        found = source.session.scalars(query).all()
        if not found:
            return
        annotations.load_lineage(source.session, found)
        for one in found:
            yield {"annotation": one.annotation.public_id, **_version(one, source.person_id)}
        last = found[-1].id
        rounds = _forget(source, rounds)


def _forget(source: Source, rounds: int) -> int:
    """Forget what was written down, and return how many rounds there were."""
    source.session.expunge_all()
    if rounds % ROUNDS == ROUNDS - 1:
        gc.collect()
    return rounds + 1


def _after(source: Source, last: int) -> Sequence[Annotation]:
    query = (
        select(Annotation)
        .where(Annotation.author_id == source.person_id, Annotation.id > last)
        .options(selectinload(Annotation.revisions), selectinload(Annotation.prompt), selectinload(Annotation.document))
        .order_by(Annotation.id)
        .limit(AT_ONCE)
    )
    return source.session.scalars(query).all()


def _contribution(source: Source, one: Annotation) -> Facts:
    shown = texts_for(newest_own(one), source.person_id)
    return {
        "annotation": one.public_id,
        "project": one.project.slug,
        "kind": one.kind,
        "state": one.state,
        "language": source.code(one.language_id),
        "practice": one.practice,
        "already_good": one.already_good,
        "rating_prompt": one.rating_prompt,
        "rating_completion": one.rating_completion,
        "ai_assisted": one.ai_assisted,
        "terms_version": one.document.version,
        "terms_sha256": one.document.sha256,
        "submitted_at": one.submitted_at.isoformat(),
        "withdrawn_at": one.withdrawn_at.isoformat() if one.withdrawn_at else None,
        **_words(shown, FIELDS),
        "versions": [_version(revision, source.person_id) for revision in one.revisions],
    }


def _version(revision: Revision, person_id: int) -> Facts:
    """Return one version: the words that it set. Another's words that were taken back are not told."""
    own = revision.author_id == person_id
    hidden = not own and taken_back(revision)
    changed = [name for name in FIELDS if getattr(revision, name) is not None]
    return {
        "number": revision.number,
        "by": "you" if own else "a reviewer",
        "link": revision.link,
        "written_at": revision.created_at.isoformat(),
        "accepted_at": revision.accepted_at.isoformat() if revision.accepted_at else None,
        "withdrawn_at": revision.withdrawn_at.isoformat() if revision.withdrawn_at else None,
        "language_check": revision.language_check.get("verdict"),
        **({} if hidden else _words(texts_of(revision), changed)),
    }


def _words(texts: Texts, names: Sequence[str]) -> Facts:
    found = {name: text_in(getattr(texts, f"{name}_language"), getattr(texts, name)) for name in names}
    return {name: text.model_dump() if text else None for name, text in found.items()}
