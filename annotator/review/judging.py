"""Decide about a prompt that people skip: close it for everybody, keep it, or open it again."""

from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.annotations import queries as annotations
from annotator.annotations import rules as annotation_rules
from annotator.annotations.models import Revision
from annotator.assignments import actions as assignments
from annotator.assignments import skips
from annotator.audit import actions as audit
from annotator.errors import Conflict, Invalid
from annotator.permissions import Actor, Permission, permit
from annotator.prompts import pool
from annotator.prompts.models import Prompt
from annotator.review import queries


class Verdict(StrEnum):
    """What can be decided."""

    CLOSE = "close"
    KEEP = "keep"
    REOPEN = "reopen"


def judge(session: Session, *, actor: Actor, prompt: Prompt, verdict: str) -> None:
    """Close a prompt (unfinished work on it ends), keep it, or open again one that was judged and closed.

    After each the skips count anew. The audit keeps who decided what, and the reasons of those who had skipped it.
    Raises Forbidden; Invalid ``verdict_unknown``; Conflict ``prompt_closed_already`` when somebody was faster,
    and what ``why_not_open`` says.
    """
    permit(actor, Permission.PROMPT_JUDGE, language_id=prompt.language_id)
    if verdict not in list(Verdict):
        raise Invalid("verdict_unknown", verdicts=list(Verdict))
    if verdict == Verdict.REOPEN:
        _hold_its_words(session, prompt)
    locked = select(Prompt).where(Prompt.id == prompt.id).with_for_update()
    session.scalars(locked.execution_options(populate_existing=True)).one()
    if verdict == Verdict.REOPEN:
        refusal = why_not_open(session, prompt)
        if refusal is not None:
            raise Conflict(refusal)
    elif prompt.state == "closed":
        raise Conflict("prompt_closed_already")
    reasons = skips.reasons_of(session, prompt)
    now = clock.now()
    prompt.skips_judged_at = now
    if verdict == Verdict.CLOSE:
        pool.close(session, prompt)
        assignments.give_up(session, prompt)
    elif verdict == Verdict.REOPEN:
        # People whose cursor has passed it find it by this.
        prompt.state, prompt.reopened = "open", clock.micros(now)
    audit.record(
        session,
        actor=actor,
        action={Verdict.CLOSE: "prompt.closed", Verdict.KEEP: "prompt.kept", Verdict.REOPEN: "prompt.reopened"}[
            Verdict(verdict)
        ],
        object_kind="prompt",
        object_id=prompt.id,
        reasons={reason.value: number for reason, number in reasons.items()},
    )
    session.flush()


def why_not_open(session: Session, prompt: Prompt) -> str | None:
    """Return why a prompt cannot be opened again, as a code; None when it can.

    ``prompt_not_closed``: it is open, or was closed for another reason than people's skips.
    ``prompt_text_withdrawn``: it shows words that were taken back. ``prompt_superseded``: another version of its text is offered.
    """
    if prompt.state != "closed" or prompt.skips_judged_at is None:
        return "prompt_not_closed"
    revision = session.get(Revision, prompt.revision_id) if prompt.revision_id else None
    if revision is None:
        return None
    if annotation_rules.taken_back(revision):
        return "prompt_text_withdrawn"
    return "prompt_superseded" if queries.another_version_offered(session, prompt, revision) else None


def _hold_its_words(session: Session, prompt: Prompt) -> None:
    """Let a withdrawal of what the prompt shows wait until this has ended, or see here that it has happened.

    Annotations before prompts, as a withdrawal locks them.
    """
    revision = session.get(Revision, prompt.revision_id) if prompt.revision_id else None
    if revision is not None:
        annotations.load_lineage(session, [revision])
        chain = annotation_rules.lineage(revision)
        annotations.hold(session, {one.annotation_id for one in chain})
        for one in chain:
            session.refresh(one, ["withdrawn_at"])
