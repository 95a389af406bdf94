"""Correct how a text was made from the one that it began with: an edit, a translation, a paraphrase, an answer."""

from sqlalchemy.orm import Session

from annotator.annotations import queries, rules
from annotator.annotations.chain import LINKS
from annotator.annotations.models import Annotation
from annotator.audit import actions as audit
from annotator.errors import Conflict, Invalid
from annotator.permissions import Actor, Permission, permit
from annotator.prompts import pool


def correct(session: Session, *, actor: Actor, annotation: Annotation, link: str) -> None:
    """Say how a text was really made from what it began with; by its author or an ambassador of its language.

    Its author may always say that it owes more to the text above. That it owes less only an ambassador says once the
    text is accepted. Raises Forbidden, Invalid ``link_unknown``, ``link_of_original`` or ``link_shares_words``,
    Conflict ``link_by_ambassador``.
    """
    session.refresh(annotation, with_for_update=True)
    permit(
        actor,
        Permission.ANNOTATION_LINK,
        owner_id=annotation.author_id,
        language_id=annotation.language_id,
        state=annotation.standing,
    )
    first = annotation.revisions[0]
    if link not in LINKS:
        raise Invalid("link_unknown", known=LINKS)
    if first.link is None or annotation.already_good:
        raise Invalid("link_of_original")
    if link == first.link:
        return
    decided = annotation.state not in {"in_review", "changes_requested"}
    if decided and rules.owes_less(first.link, link) and annotation.language_id not in actor.ambassador_of:
        raise Conflict("link_by_ambassador")
    if link == "completion" and not rules.is_own_completion(first):
        raise Invalid("link_shares_words")
    before, first.link = first.link, link
    _tell_the_pool(session, annotation)
    audit.record(
        session, actor=actor, action="annotation.link_corrected", object_kind="annotation", object_id=annotation.id,
        before=before, link=link,
    )  # fmt: skip
    session.flush()


def _tell_the_pool(session: Session, annotation: Annotation) -> None:
    """Name the authors that a corrected link brings in beside the prompts that show this annotation."""
    queries.load_lineage(session, annotation.revisions)
    for revision in annotation.revisions:
        authors = [
            pool.Author(r.author_id, r.annotation_id, r.annotation.language_id, r.annotation.created_at)
            for r in (part.rev for part in rules.behind(revision))
        ]
        pool.add_authors(session, revision_id=revision.id, authors=authors)
