"""Whatever people decide, take back, mend and leave, in any order: what a release holds, everybody behind it allows.

The stories go through the program's actions and jobs, and time passes in them. After each release it is looked at from
outside, by the files and the tables: nothing that was taken back is in it, what left is said, what is hidden is hidden.
``tests/releases/test_invariant.py`` holds lanes and fallbacks against an oracle of its own; here is the time between.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts.models import Person
from annotator.annotations import links
from annotator.annotations.models import Annotation, Revision
from annotator.annotations.rules import Written, behind, newest_own, taken_back
from annotator.consent import actions as consent
from annotator.consent.models import ConsentEvent
from annotator.consent.rules import Text, decisions, is_practice, meet
from annotator.database import open_session
from annotator.errors import DomainError
from annotator.languages import actions as languages
from annotator.languages.models import Language
from annotator.ledger import queries as ledger
from annotator.permissions import OPERATOR
from annotator.projects.models import Project
from annotator.prompts.models import Prompt
from annotator.releases import actions as releases
from annotator.releases import feed, loading
from annotator.releases.models import FeedEntry, Release, ReleaseRow, RowChange
from annotator.review import actions as reviews
from annotator.rights import actions, holds, jobs
from annotator.rights.leaving import actions as leaving
from annotator.rights.leaving import jobs as leaving_jobs
from annotator.rights.mending import jobs as mending_jobs
from annotator.rights.mending import mails, mends
from annotator.rights.models import Withdrawal
from annotator.settings import Settings
from tests import databases, stories
from tests.databases import Database
from tests.makers import a_maintainer
from tests.releases.scenes import rows_of
from tests.stories import World, actor_of

EXAMPLES = int(os.environ.get("ANNOTATOR_TEST_EXAMPLES") or 10)
PRESETS = ("open", "open", "noncommercial", "gated", "practice")
CREDITS = ("none", "handle")

_who, _which = st.integers(0, 2), st.integers(0, 20)
_scope = st.sampled_from(["everything", "language", "text"])
_ops = st.one_of(
    st.tuples(st.just("write"), _who),
    st.tuples(st.just("build on"), _who, _which, st.sampled_from(["other words", "one more", "already good"])),
    st.tuples(st.just("translate"), _who, _which),
    st.tuples(st.just("review"), _which, st.sampled_from(["accepted", "edits", "needed edits", "declined"])),
    st.tuples(st.just("allow"), _who, _scope, _which, st.sampled_from(PRESETS), st.sampled_from(CREDITS),
              st.sampled_from([None, None, 20, 200]), st.booleans()),
    st.tuples(st.just("take back"), _who, _scope, _which),
    st.tuples(st.just("take back"), _who, st.just("text"), _which),
    st.tuples(st.just("the reviewer takes back")),
    st.tuples(st.just("undo"), _which),
    st.tuples(st.just("mend"), _which, st.booleans()),
    st.tuples(st.just("hold"), _which),
    st.tuples(st.just("take down"), _which, st.sampled_from(["described", "revoked"])),
    st.tuples(st.just("shield"), st.booleans()),
    st.tuples(st.just("leave"), _who, st.sampled_from(["take", "unnamed", "named"])),
    st.tuples(st.just("wait"), st.sampled_from([1, 72, 24 * 10, 24 * 31])),
    st.tuples(st.just("publish")),
    st.tuples(st.just("publish")),
)  # fmt: skip
# A released text is what most of the rest is about.
_start = [("write", 0), ("write", 1), ("review", 0, "accepted"), ("review", 1, "edits"),
          ("build on", 1, 0, "other words"), ("review", 2, "accepted"), ("publish",)]  # fmt: skip


@dataclass
class Story:
    """A platform with three people who write, one who reviews, and what has happened so far."""

    database: Database
    settings: Settings
    session: Session
    moment: time_machine.Traveller
    world: World
    people: list[int]
    reviewer: int
    published: list[str] = field(default_factory=list)
    written: int = 0

    def play(self, op: tuple[Any, ...]) -> None:
        """Do one thing, an hour later; what the program refuses does not happen."""
        self.moment.shift(timedelta(hours=1))
        try:
            getattr(self, "_" + str(op[0]).replace(" ", "_"))(*op[1:])
        except DomainError:
            self.session.rollback()
        else:
            self.session.commit()
        verdict = ledger.verify(self.session)
        assert verdict.broken_at is None, op
        self.session.commit()

    # -------------------------------------------------------------------------------------------- what may happen

    def _person(self, who: int) -> Person | None:
        return self.session.get(Person, self.people[who])

    def _texts(self, *conditions: Any) -> list[Annotation]:  # noqa: ANN401  # SQL expressions
        return list(self.session.scalars(select(Annotation).where(*conditions).order_by(Annotation.id)))

    def _write(self, who: int) -> None:
        person = self._person(who)
        if person is not None:
            self.written += 1
            self.world.writes(
                person, f"Question {self.written} of many?", f"An answer number {self.written} with words."
            )

    def _build_on(self, who: int, which: int, how: str) -> None:
        person = self._person(who)
        prompts = list(self.session.scalars(select(Prompt).where(Prompt.state == "open").order_by(Prompt.id)))
        if person is None or not prompts:
            return
        claimed = self.world.asks(person).assignment
        if claimed is None:
            return
        del which  # what one is given is the platform's choice
        self.written += 1
        more: dict[str, Any] = {"rating_prompt": 3, "rating_completion": 3}
        if how == "already good":
            more["already_good"] = True
        elif how == "one more":
            more["completion"] = f"An answer number {self.written} with words more."
        else:
            more["completion"] = f"Wholly different {self.written}."
        if claimed.prompt.answer_link != "edit":
            more = {"completion": f"Reply {self.written}."}
        self.world.submits(person, claimed, **more)

    def _translate(self, who: int, which: int) -> None:
        mine = self._texts(Annotation.author_id == self.people[who], Annotation.kind == "reannotate")
        person = self._person(who)
        if mine and person is not None:
            annotation = mine[which % len(mine)]
            links.correct(self.session, actor=actor_of(self.session, person), annotation=annotation, link="translation")

    def _review(self, which: int, outcome: str) -> None:
        waiting = self._texts(Annotation.state == "in_review")
        reviewer = self.session.get_one(Person, self.reviewer)
        if not waiting:
            return
        annotation, more = waiting[which % len(waiting)], {}
        if outcome.endswith("edits"):
            self.written += 1
            more = {
                "written": Written(completion=f"Edited {self.written}."),
                "edit_needed": outcome.startswith("needed"),
            }
        elif outcome == "declined":
            more = {"reasons": ["off_topic"]}
        reviews.decide(
            self.session, actor=actor_of(self.session, reviewer), annotation=annotation,
            outcome={"edits": "accepted_with_edits", "needed edits": "accepted_with_edits"}.get(outcome, outcome),
            **more,  # type: ignore[arg-type]  # as the outcome asks
        )  # fmt: skip

    def _allow(  # noqa: PLR0917  # played by position
        self, who: int, scope: str, which: int, preset: str, credit: str, days: int | None, also: bool  # noqa: FBT001  # the same
    ) -> None:  # fmt: skip
        person = self._person(who)
        mine = self._texts(Annotation.author_id == self.people[who])
        if person is None or (scope == "text" and not mine):
            return
        event = consent.decide(
            self.session, actor=actor_of(self.session, person), preset=preset, attribution=credit, also_before=also,
            language=self.world.language if scope == "language" else None,
            annotation_id=mine[which % len(mine)].id if scope == "text" else None,
            expires_at=clock.now() + timedelta(days=days) if days else None,
        )  # fmt: skip
        mails.follow(self.session, [event], settings=self.settings)

    def _take_back(self, who: int, scope: str, which: int) -> None:
        person = self._person(who)
        mine = self._texts(Annotation.author_id == self.people[who], Annotation.withdrawn_at.is_(None))
        if person is None or not mine:
            return
        actions.withdraw(
            self.session, actor=actor_of(self.session, person), person=person,
            annotation=mine[which % len(mine)] if scope == "text" else None,
            language=self.world.language if scope == "language" else None,
        )  # fmt: skip

    def _the_reviewer_takes_back(self) -> None:
        reviewer = self.session.get_one(Person, self.reviewer)
        actions.withdraw(self.session, actor=actor_of(self.session, reviewer), person=reviewer)

    def _undo(self, which: int) -> None:
        made = list(self.session.scalars(select(Withdrawal).order_by(Withdrawal.id)))
        if made:
            actions.undo(self.session, actor=OPERATOR, withdrawal=made[which % len(made)])

    def _mend(self, which: int, by_the_ambassador: bool) -> None:  # noqa: FBT001  # played by position
        waiting = self._texts(Annotation.set_aside_until > clock.now(), Annotation.withdrawn_at.is_(None))
        if not waiting:
            return
        annotation = waiting[which % len(waiting)]
        person = self.session.get_one(Person, self.reviewer if by_the_ambassador else annotation.author_id)
        self.written += 1
        written = Written(instruction=f"A new question {self.written}?")
        if annotation.set_aside_kind == "spans":
            written = Written(instruction=f"New {self.written}?", completion=f"All new {self.written}.")
        mends.mend(self.session, actor=actor_of(self.session, person), annotation=annotation, written=written)

    def _hold(self, which: int) -> None:
        made = list(self.session.scalars(select(Withdrawal).order_by(Withdrawal.id)))
        if made:
            hold = holds.ask(
                self.session, actor=OPERATOR, withdrawal=made[which % len(made)], authority="A court", reason="7",
                until=clock.now() + timedelta(days=40),
            )  # fmt: skip
            holds.confirm(self.session, actor=actor_of(self.session, a_maintainer(self.session)), hold=hold)

    def _take_down(self, which: int, cause: str) -> None:
        standing = self._texts(Annotation.withdrawn_at.is_(None))
        if standing:
            actions.take_down(self.session, actor=OPERATOR, cause=cause, annotation=standing[which % len(standing)])

    def _shield(self, on: bool) -> None:  # noqa: FBT001  # played by position
        change = languages.protect if on else languages.unprotect
        change(self.session, actor=OPERATOR, language=self.world.language, reason="A reason.")

    def _leave(self, who: int, manner: str) -> None:
        person = self._person(who)
        if person is not None:
            leaving.ask(self.session, actor=actor_of(self.session, person), person=person, manner=manner)

    def _wait(self, hours: int) -> None:
        self.session.commit()
        self.moment.shift(timedelta(hours=hours))
        for job in (jobs.run_due, leaving_jobs.leave_due, mending_jobs.forget_due, mending_jobs.set_aside_ending):
            job(self.database.engine, self.settings)
        self.session.expire_all()
        self._look()

    def _publish(self) -> None:
        project = self.session.get_one(Project, self.world.project.id)
        fitting = releases.preview(self.session, actor=OPERATOR, project=project).version
        releases.publish(self.session, actor=OPERATOR, project=project, version=fitting, settings=self.settings)
        self.session.commit()
        self._look()

    # ------------------------------------------------------------------------------------------- what must then hold

    def _look(self) -> None:
        """Look at each release that came out since the last look."""
        chosen = select(Release).where(Release.state == "published").order_by(Release.published_at, Release.id)
        found = list(self.session.scalars(chosen))
        for number, release in enumerate(found):
            if release.version not in self.published:
                self._look_at(release, found[number - 1] if number else None)
                self.published.append(release.version)
        assert feed.verify(self.session).broken_at is None
        for release in found:
            if release.retired_at is not None:
                left = releases.place_of(self.settings, "public", release.project.slug, release.version)
                assert {path.name for path in left.iterdir()} <= {"manifest.json", "SHA256SUMS", "CITATION.cff"}
        erased = select(Revision).where(Revision.erased_at.is_not(None))
        for revision in self.session.scalars(erased):
            assert (revision.instruction, revision.input, revision.completion) == (None, None, None) or (
                revision.withdrawn_at is None
            ), "only words of others may stand in a revision with gaps"

    def _look_at(self, release: Release, before: Release | None) -> None:
        rows = self._rows(release)
        standing = {id_: row for id_, row in rows.items() if row.withdrawn_at is not None}
        assert not standing, "something that was taken back stands in a release"
        assert not [row for row in rows.values() if row.set_aside_kind is not None], "what waits for mending is out"
        waits = Annotation.set_aside_kind.in_(("prompt", "spans"))
        for row in self._texts(waits, Annotation.withdrawn_at.is_(None), Annotation.project_id == release.project_id):
            assert self._without_a_lane(row) or taken_back(newest_own(row)), "it waits for a reason that stands"
        gone = {id_ for entry in self._feed_before(release) if entry.op == "remove" for id_ in entry.annotation_ids}
        assert not gone & rows.keys(), "an id that was removed is never issued again"
        if before is not None:
            said = self._said(release)
            codes = {id_ for folder in release.facts["diff"].values() for id_ in folder["removed"]}
            lost = {self._id_of(row) for row in self._frozen(before)} - rows.keys()
            assert lost <= said | codes, "each row that is missing is said"
        if self.world.language.protected_at is not None:
            self._nobody_is_shown(release)

    def _without_a_lane(self, annotation: Annotation) -> bool:
        """Say whether what the authors of a text grant, each by itself and all of them together, lets it go nowhere."""
        at = clock.now() + timedelta(days=30)
        granted = []
        for part in behind(newest_own(annotation)):
            chosen = select(ConsentEvent).where(ConsentEvent.person_id == part.rev.author_id)
            text = Text(part.rev.annotation.language_id, part.rev.annotation.created_at, part.rev.annotation_id)
            if part.rev.role == "author":
                granted.append(decisions(self.session.scalars(chosen), text, at=at).rights)
        return is_practice(meet(granted))

    def _rows(self, release: Release) -> dict[str, Annotation]:
        found = select(ReleaseRow, Annotation).join(Annotation, Annotation.id == ReleaseRow.annotation_id)
        return {
            self._id_of(row): annotation
            for row, annotation in self.session.execute(found.where(ReleaseRow.release_id == release.id))
        }

    def _frozen(self, release: Release) -> list[ReleaseRow]:
        return list(self.session.scalars(select(ReleaseRow).where(ReleaseRow.release_id == release.id)))

    @staticmethod
    def _id_of(row: ReleaseRow) -> str:
        return str(row.facts["annotation_id"])

    def _said(self, release: Release) -> set[str]:
        return set(
            self.session.scalars(select(RowChange.annotation_public_id).where(RowChange.release_id <= release.id))
        )

    def _feed_before(self, release: Release) -> list[FeedEntry]:
        upto = release.facts.get("feed", {}).get("seq")
        chosen = select(FeedEntry)
        return list(self.session.scalars(chosen.where(FeedEntry.seq <= upto) if upto is not None else chosen))

    def _nobody_is_shown(self, release: Release) -> None:
        folder = releases.place_of(self.settings, "public", release.project.slug, release.version)
        if release.retired_at is not None:
            return
        for row in rows_of(folder):
            assert (row["contributor_id"], row["attribution_text"], row["authors"]) == (None, None, []), row
        handles = self.session.scalars(select(Person.handle).where(Person.left_at.is_(None)))
        told = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.md"))
        assert not [handle for handle in handles if f" {handle}" in told]


@contextmanager
def a_story(database: Database, settings: Settings) -> Iterator[Story]:
    """Yield a platform on an empty database."""
    with (
        time_machine.travel("2031-03-01T08:00:00Z", tick=False) as moment,
        open_session(database.engine, writes=True) as session,
    ):
        world = stories.a_world(session, reannotate_contributions=True, lanes=["open", "noncommercial", "gated"])
        people = [stories.a_contributor(session, world.language, attribution="handle").id for _ in range(3)]
        reviewer = stories.an_ambassador(session, world.language).id
        session.commit()
        moment.shift(timedelta(hours=1))
        yield Story(database, settings, session, moment, world, people, reviewer)
        session.rollback()


@pytest.fixture(autouse=True)
def _not_loaded_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "fault", lambda _folder: None)


def test_any_story(
    database: Database, settings: Settings, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    @hypothesis(
        max_examples=EXAMPLES if database.dialect == "sqlite" else max(1, EXAMPLES // 2),
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(_ops, min_size=3, max_size=14))
    def tell(ops: list[tuple[Any, ...]]) -> None:
        folder = tmp_path_factory.mktemp("story")
        places = {name: folder / name for name in ("exports", "exports_gated", "personal", "journal")}
        here = settings.model_copy(update=places)
        if database.dialect == "sqlite":
            with databases.sqlite_copy(sqlite_template, folder) as made:
                _tell(made, here.model_copy(update={"database_url": made.url}), ops)
        else:
            try:
                _tell(database, here, ops)
            finally:
                databases.clean_postgres(database)

    tell()


def _tell(database: Database, settings: Settings, ops: list[tuple[Any, ...]]) -> None:
    with a_story(database, settings) as story:
        for op in [*_start, *ops, ("take back", 0, "everything", 0), ("publish",), ("wait", 24 * 11), ("publish",)]:
            story.play(op)
        assert story.published, "the stories are about releases"
        assert story.session.scalar(select(Language.id)) is not None
