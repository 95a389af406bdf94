"""What taking texts back would do, counted from the rows before anything happens."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from annotator.accounts.models import Person
from annotator.annotations.chain import Verdict
from annotator.annotations.models import Annotation
from annotator.languages.models import Language
from annotator.rights import queries
from annotator.rights.mending.foreseeing import foresee
from annotator.settings import RightsPolicy


@dataclass(frozen=True)
class Preview:
    """Own texts and edits; own texts by lane of a served release; texts of others that build on them, by what follows.

    ``stay``: unchanged, or the words are not in them; ``fall_back``: to an older version; ``wait``: their authors can
    mend them; ``out``: nothing of their own is left without these words.
    """

    texts: int
    edits: int
    lanes: dict[str, int]
    stay: int
    fall_back: int
    wait: int
    out: int


def preview(
    session: Session,
    person: Person,
    *,
    annotation: Annotation | None = None,
    language: Language | None = None,
    policy: RightsPolicy = RightsPolicy(),  # noqa: B008  # frozen
) -> Preview:
    """Return what withdrawing this scope now would do; changes nothing."""
    return of_reach(session, queries.reach(session, person, annotation=annotation, language=language), policy=policy)


def of_reach(session: Session, found: queries.Reach, *, policy: RightsPolicy) -> Preview:
    """Return the same for these texts and edits."""
    own = [one.id for one in found.annotations]
    others = foresee(session, own, [edit.id for edit in found.edits], mend_share=policy.mend_share)
    return Preview(
        texts=len(own),
        edits=len(found.edits),
        lanes=queries.published_lanes(session, own),
        stay=others[Verdict.STAYS],
        fall_back=others[Verdict.FALLS_BACK],
        wait=others[Verdict.PROMPT] + others[Verdict.SPANS],
        out=others[Verdict.OUT],
    )
