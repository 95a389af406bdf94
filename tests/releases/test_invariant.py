"""Whatever people decide, edit and take back: no row stands in a lane that its authors and its sources do not allow.

The oracle reads the tables and replays events one by one. It imports nothing of the program's rules: where the two
disagree, one of them has misread the rights model (§2.3, §2.5, §2.7). Whose a word is, it knows by the number that each
word bears; the program has to find that out.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator.annotations import rules as annotations
from annotator.annotations.models import Annotation, Revision
from annotator.annotations.rules import Texts
from annotator.consent import actions as consent
from annotator.consent import queries as documents
from annotator.consent.models import ConsentEvent, Document
from annotator.errors import Conflict
from annotator.languages.models import Language
from annotator.ledger import actions as ledger
from annotator.permissions import OPERATOR
from annotator.projects.models import Project
from annotator.prompts.models import Prompt, Source
from annotator.releases import actions
from annotator.releases.models import Release, ReleaseRow, RowChange
from annotator.settings import Settings
from tests import makers

START = datetime(2030, 1, 1, tzinfo=UTC)
LICENSES = ("CC0-1.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "CC-BY-ND-4.0")
RIGHTS = ("publish", "derive", "train", "evaluate", "research", "commercial")
ORDER: dict[str, Sequence[object]] = {"publish": ("no", "gated", "open")} | {
    name: (False, True) for name in RIGHTS if name != "publish"
}
PRESETS: tuple[dict[str, object], ...] = (
    {"publish": "open", "derive": True, "train": True, "evaluate": True, "research": True, "commercial": True},
    {"publish": "open", "derive": True, "train": True, "evaluate": True, "research": True, "commercial": False},
    {"publish": "gated", "derive": True, "train": True, "evaluate": True, "research": True, "commercial": False},
    {"publish": "no", "derive": False, "train": False, "evaluate": False, "research": False, "commercial": False},
)

# ------------------------------------------------------------------------------------------- what may happen

_small = st.integers(0, 3)
_which = st.integers(0, 30)
_one_right = st.sampled_from(RIGHTS).flatmap(lambda name: st.tuples(st.just(name), st.sampled_from(ORDER[name])))
_choice = st.one_of(st.sampled_from(PRESETS), st.lists(_one_right, min_size=1, max_size=3).map(dict))
_ops = st.one_of(
    st.tuples(
        st.just("grant"), _small, st.sampled_from(["everything", "language", "text"]), _which, _choice, st.booleans(),
        st.sampled_from([None, None, None, 10, 60]),
    ),
    st.tuples(st.just("write"), _small, _small),
    st.tuples(st.just("import"), _small, st.sampled_from(LICENSES), st.sampled_from(["answer", "reannotate"])),
    st.tuples(st.just("build on"), _small, _which,
              st.sampled_from(["edit", "edit", "edit", "translation", "paraphrase", "completion"]),
              st.sampled_from([("completion",), ("instruction",), ("instruction", "completion")])),
    st.tuples(st.just("revise"), _which, st.sampled_from(["completion", "instruction"])),
    st.tuples(st.just("review"), _small, _which, st.sampled_from(["accept", "edit", "edit", "needed edit", "decline"])),
    st.tuples(st.just("edit and regret"), _small, _which, _one_right, st.sampled_from(["", "another", "author"])),
    st.tuples(st.just("rework and regret"), _small, _which, st.sampled_from(["edit", "translation", "paraphrase"]),
              _one_right, st.booleans()),
    st.tuples(st.just("withdraw"), _small, _which),
    st.tuples(st.just("withdraw all"), _small),
    st.tuples(st.just("publish")),
    # What makes rows comes twice as often as what takes them away.
    st.tuples(st.just("write"), _small, _small),
    st.tuples(st.just("import"), _small, st.sampled_from(LICENSES), st.sampled_from(["answer", "reannotate"])),
    st.tuples(st.just("build on"), _small, _which,
              st.sampled_from(["edit", "edit", "edit", "translation", "paraphrase", "completion"]),
              st.sampled_from([("completion",), ("instruction",), ("instruction", "completion")])),
)  # fmt: skip


@dataclass
class World:
    """A small platform whose rows are written directly, each op at its own hour."""

    session: Session
    settings: Settings
    project: Project
    languages: list[Language]
    document: Document
    ledger_seq: int
    now: datetime = START
    people: list[int] = field(default_factory=list)
    annotations: list[Annotation] = field(default_factory=list)
    releases: list[Release] = field(default_factory=list)
    writers: list[Revision | None] = field(default_factory=list)

    def play(self, op: tuple[Any, ...]) -> None:
        """Do one thing, one hour later."""
        self.now += timedelta(hours=1)
        getattr(self, "_" + str(op[0]).replace(" ", "_"))(*op[1:])
        self.session.flush()

    def _grant(  # noqa: PLR0917  # played by position
        self,
        who: int,
        scope: str,
        which: int,
        choice: dict[str, object],
        also: bool = False,  # noqa: FBT001, FBT002  # played by position
        days: int | None = None,
    ) -> None:
        own = [one for one in self.annotations if one.author_id == self.people[who]]
        reviewed = [r.annotation for r in self.session.scalars(select(Revision).where(
            Revision.author_id == self.people[who], Revision.role == "reviewer"))]  # fmt: skip
        texts = [*own, *reviewed]
        text = texts[which % len(texts)] if scope == "text" and texts else None
        language = self.languages[which % 2] if scope == "language" else None
        if scope == "text" and text is None:
            return
        self.session.add(
            ConsentEvent(
                person_id=self.people[who],
                at=self.now,
                document_id=self.document.id,
                language_id=language.id if language else None,
                annotation_id=text.id if text else None,
                preset="custom",
                attribution="handle",
                expires_at=self.now + timedelta(days=days) if days else None,
                also_before=also,
                ledger_seq=self.ledger_seq,
                **choice,
            )
        )

    def _words(self, old: str | None, which: int) -> str:
        """Return a text that keeps none, little, half or all of ``old``, and has ten words that nobody else wrote."""
        words = (old or "").split()
        kept = words[: (0, 1, len(words) // 2, len(words))[which % 4]]
        self.writers.append(None)
        return " ".join([*kept, *(f"w{len(self.writers) - 1}n{number}" for number in range(10))])

    def _edited(self, start: Texts, parent: Revision | None, fields: tuple[str, ...], which: int) -> dict[str, Any]:
        """Return an edit of these fields, mostly with whose its words are, as the platform counts them."""
        words = {name: self._words(getattr(start, name), which) for name in fields}
        return {**words, "shares": annotations.shares_of(start, parent, words) if which % 5 else None}

    def _add(self, who: int, kind: str, language_id: int, *, prompt: Prompt | None = None, **revision: Any) -> None:  # noqa: ANN401  # columns
        annotation = Annotation(
            project_id=self.project.id, language_id=language_id, author_id=self.people[who], kind=kind,
            prompt_id=prompt.id if prompt else None, document_id=self.document.id, created_at=self.now,
            submitted_at=self.now,
        )  # fmt: skip
        self.session.add(annotation)
        self.annotations.append(annotation)
        self.session.flush()
        self._revise_with(annotation, self.people[who], "author", **revision)

    def _revise_with(self, annotation: Annotation, person_id: int, role: str, **facts: Any) -> Revision:  # noqa: ANN401
        revision = Revision(
            annotation=annotation, number=len(annotation.revisions) + 1, author_id=person_id, role=role,
            created_at=self.now, language_check={}, **facts,
        )  # fmt: skip
        self.session.add(revision)
        self.session.flush()
        for value in (revision.instruction, revision.completion):
            for label in labels(value):
                self.writers[label] = self.writers[label] or revision
        return revision

    def _write(self, who: int, language: int) -> None:
        words: dict[str, Any] = {"instruction": self._words(None, 0), "completion": self._words(None, 0)}
        self._add(who, "original", self.languages[language % 2].id, **words)

    def _prompt(self, kind: str, **facts: Any) -> Prompt:  # noqa: ANN401
        number = len(self.annotations)
        prompt = Prompt(
            project_id=self.project.id, kind=kind, answer_link="completion", source_class="free", shuffle=0,
            free_places=0, text_hash=f"{number:064d}", created_at=self.now, **facts,
        )  # fmt: skip
        self.session.add(prompt)
        self.session.flush()
        return prompt

    def _import(self, who: int, license_id: str, kind: str) -> None:
        source = self.session.scalar(
            select(Source).where(Source.project_id == self.project.id, Source.license == license_id)
        ) or Source(project_id=self.project.id, name=license_id, license=license_id)
        self.session.add(source)
        self.session.flush()
        texts = {"instruction": "q", "completion": "a" if kind == "reannotate" else None}
        prompt = self._prompt(kind, language_id=self.languages[0].id, source_id=source.id, **texts)
        if kind == "answer":
            made = {"link": "completion", "completion": self._words(None, 0)}
        else:
            start = annotations.texts_of_prompt(prompt, None)
            made = {"link": "edit", **self._edited(start, None, ("completion",), len(self.annotations))}
        self._add(who, kind, self.languages[0].id, prompt=prompt, **made)

    def _build_on(self, who: int, which: int, link: str, fields: tuple[str, ...]) -> None:
        if not self.annotations:
            return
        base = self.annotations[which % len(self.annotations)]
        parent = base.revisions[-1]
        kind = "answer" if link == "completion" else "reannotate"
        if link == "completion":
            fields = ("completion",)
        taken = self.session.scalar(select(Prompt.id).where(Prompt.revision_id == parent.id, Prompt.kind == kind))
        if taken is not None:
            return
        prompt = self._prompt(kind, language_id=base.language_id, revision_id=parent.id)
        if link == "edit":
            words = self._edited(annotations.texts_of(parent), parent, fields, which)
        else:
            words = {name: self._words(None, 0) for name in fields}
        self._add(who, kind, base.language_id, prompt=prompt, parent=parent, link=link, **words)
        if which % 3:
            made = self.annotations[-1]
            made.state, made.revisions[-1].accepted_at = "accepted", self.now

    def _revise(self, which: int, name: str) -> None:
        if self.annotations:
            one = self.annotations[which % len(self.annotations)]
            # Also on top of a reviewer's edit: then its words are in the author's own revision.
            parent = one.revisions[-1]
            words = self._edited(annotations.texts_of(parent), parent, (name,), which)
            self._revise_with(one, one.author_id, "author", parent=parent, link="edit", **words)

    def _review(self, who: int, which: int, outcome: str) -> None:
        if not self.annotations:
            return
        one = self.annotations[which % len(self.annotations)]
        if one.author_id == self.people[who] or one.state == "withdrawn":
            return
        newest = one.revisions[-1]
        if outcome == "decline":
            one.state = "declined"
            return
        one.state = "accepted"
        if "edit" in outcome:
            words = self._edited(annotations.texts_of(newest), newest, ("completion",), which + 2)
            edit = self._revise_with(
                one, self.people[who], "reviewer", parent=newest, link="edit", **words,
                edit_needed=outcome == "needed edit",
            )  # fmt: skip
            edit.accepted_at = self.now
            one.state = "accepted_with_edits"
        if outcome != "needed edit":
            newest.accepted_at = self.now

    def _edit_and_regret(self, who: int, which: int, narrowed: tuple[str, object], then: str) -> None:
        """An edit whose author later allows less, or takes it back; perhaps with another's or the author's on top."""
        self._review(who, which, "edit")
        self.now += timedelta(minutes=1)
        if then == "another":
            self._review((who + 1) % 4, which, "edit")
        elif then == "author" and self.annotations:
            self._revise(which, "completion")
            self.annotations[which % len(self.annotations)].revisions[-1].accepted_at = self.now
        self.now += timedelta(minutes=1)
        if which % 3:
            self._grant(who, "everything", which, dict([narrowed]))
        else:
            for revision in self.session.scalars(
                select(Revision).where(Revision.author_id == self.people[who], Revision.role == "reviewer")
            ):
                revision.withdrawn_at = revision.withdrawn_at or self.now

    def _rework_and_regret(  # played by position
        self,
        who: int,
        which: int,
        link: str,
        narrowed: tuple[str, object],
        public: bool,  # noqa: FBT001  # the same
    ) -> None:
        """A text made from another's, published before or not; then the other's author allows less, or takes it back."""
        if not self.annotations:
            return
        base = self.annotations[which % len(self.annotations)]
        if public:
            self._publish()
            self.now += timedelta(minutes=1)
        count = len(self.annotations)
        self._build_on(who, which, link, ("instruction", "completion"))
        if len(self.annotations) == count:
            return
        made = self.annotations[-1]
        made.state, made.revisions[-1].accepted_at = "accepted", self.now
        self.now += timedelta(minutes=1)
        if which % 3:
            self._take_back(base)
        else:
            self._grant(self.people.index(base.author_id), "everything", which, dict([narrowed]))

    def _withdraw(self, who: int, which: int) -> None:
        own = [one for one in self.annotations if one.author_id == self.people[who]]
        if own:
            self._take_back(own[which % len(own)])

    def _take_back(self, annotation: Annotation) -> None:
        annotation.state, annotation.withdrawn_at = "withdrawn", self.now
        for revision in annotation.revisions:
            if revision.role == "author":
                revision.withdrawn_at = self.now

    def _withdraw_all(self, who: int) -> None:
        for one in self.annotations:
            if one.author_id == self.people[who]:
                self._take_back(one)
            for revision in one.revisions:
                if revision.author_id == self.people[who]:
                    revision.withdrawn_at = revision.withdrawn_at or self.now

    def _publish(self) -> None:
        """Freeze, and call it published: files are another test's matter."""
        self.session.expire_all()
        with time_machine.travel(self.now, tick=False):
            version = "999.0.0" if self.releases else "1.0.0"  # the refusal names the one that fits
            for _ in range(2):
                try:
                    release = actions.freeze(
                        self.session, actor=OPERATOR, project=self.project, version=version, settings=self.settings
                    )
                    break
                except Conflict as refusal:
                    version = str(refusal.facts["fits"])
        release.state, release.published_at = "published", self.now
        self.releases.append(release)


# ------------------------------------------------------------------------------------------- the oracle


def labels(text: str | None) -> set[int]:
    """Return who wrote the words of a text, by the numbers that the words bear; a prompt's from outside bear none."""
    return {int(found) for found in re.findall(r"w(\d+)n\d+", text or "")}


def chain(world: World, revision: Revision | None, name: str) -> set[Revision]:
    """Return the revisions whose words are in one field: by the words themselves, or everybody where nobody counted."""
    if revision is None:
        return set()
    words = getattr(revision, name)
    if words is None:
        return chain(world, revision.parent, name)
    if revision.link == "edit" and revision.shares is None:
        return {revision} | chain(world, revision.parent, name)
    wrote = {world.writers[label] for label in labels(words)}
    return {revision} | {one for one in wrote if one is not None}


def words_behind(world: World, revision: Revision) -> set[Revision]:
    """Return every revision whose words a row with this revision shows."""
    return set[Revision]().union(*(chain(world, revision, name) for name in ("instruction", "input", "completion")))


def reworded_behind(world: World, revision: Revision) -> dict[Revision, Revision]:
    """Return every revision behind a translation or paraphrase along the lineage, with the one that reworded it."""
    found: dict[Revision, Revision] = {}
    fields = {"instruction", "input", "completion"}
    current: Revision | None = revision
    while current is not None and current.parent is not None:
        if current.link in {"translation", "paraphrase"}:
            for name in fields:
                found.update(dict.fromkeys(chain(world, current.parent, name), current))
        if current.link == "completion":
            fields -= {"completion"}
        current = current.parent
    return found


COVERS = {"open": {"open", "sharealike", "noncommercial", "gated"}, "sharealike": {"sharealike"},
          "noncommercial": {"noncommercial", "gated"}}  # fmt: skip


def licensed(world: World, gone: Revision, reworded: Revision, lane: str) -> dict[str, object] | None:
    """Return the rights with which a withdrawn text was public when it was reworded, where they cover the lane."""
    before = [one for one in world.releases if one.published_at and one.published_at < reworded.created_at]
    if not before:
        return None
    row = world.session.get(ReleaseRow, (before[-1].id, gone.annotation_id))
    return row.facts["rights"] if row is not None and lane in COVERS.get(row.lane, set()) else None


def sources_of(revision: Revision | None, session: Session) -> set[str]:
    """Return the licences of all imported prompts along the lineage."""
    found: set[str] = set()
    while revision is not None:
        prompt = revision.annotation.prompt
        if prompt is not None and prompt.source_id is not None:
            found.add(session.get_one(Source, prompt.source_id).license)
        revision = revision.parent
    return found


Level = tuple[int, datetime | None]  # how much, and until when


def both(one: Level, other: Level) -> Level:
    """Return what two choices allow together."""
    ends = [end for end in (one[1], other[1]) if end is not None]
    level = min(one[0], other[0])
    return (level, min(ends) if ends and level else None)


def less(one: Level, other: Level) -> bool:
    """Say whether at some moment the first allows less than the second."""
    if one[0] < other[0]:
        return True
    return one[0] > 0 and one[1] is not None and (other[1] is None or one[1] < other[1])


def replay(
    events: Sequence[ConsentEvent], annotation: Annotation, given: datetime, name: str, top: Level | None
) -> Level:
    """Return one right in one person's words, event by event; ``top`` is what a reviewer's edit starts with."""
    scopes = ("everything", "language", "text")
    chosen: dict[str, tuple[datetime, Level]] = {"text": (given, top)} if top is not None else {}
    standing = top
    for event in events:
        scope = "text" if event.annotation_id else "language" if event.language_id else "everything"
        if scope == "text" and event.annotation_id != annotation.id:
            continue
        if scope == "language" and event.language_id != annotation.language_id:
            continue
        value = getattr(event, name)
        if value is None or (top is not None and event.at <= given):
            continue
        level: Level = (ORDER[name].index(value), None)
        if level[0]:
            level = (level[0], event.expires_at)
        if event.at > given:
            if standing is None:
                standing = first(chosen, scopes)
            own = [chosen[one][1] for one in scopes[scopes.index(scope) + 1 :] if one in chosen]
            if scope == "text" or (event.also_before and not any(less(one, level) for one in own)):
                standing = level
            else:
                standing = both(standing, level)
        chosen[scope] = (event.at, level)
    return first(chosen, scopes) if standing is None else standing


def first(chosen: dict[str, tuple[datetime, Level]], scopes: Sequence[str]) -> Level:
    """Return what a new text starts with: the most specific choice, narrowed by what wider scopes said after it."""
    for scope in reversed(scopes):
        if scope in chosen:
            at, level = chosen[scope]
            for wider in scopes[: scopes.index(scope)]:
                if wider in chosen and chosen[wider][0] > at:
                    level = both(level, chosen[wider][1])
            return level
    return (0, None)


def rights_in(revision: Revision, session: Session, until: datetime, moment: datetime) -> dict[str, object]:
    """Return what the author of a revision allows with its words at ``moment``, by what was said ``until`` then."""
    annotation = revision.annotation
    events = session.scalars(
        select(ConsentEvent)
        .where(ConsentEvent.person_id == revision.author_id, ConsentEvent.at <= until)
        .order_by(ConsentEvent.at, ConsentEvent.id)
    ).all()
    reviewer = revision.role == "reviewer"
    given = revision.created_at if reviewer else annotation.created_at
    result = {}
    for name in RIGHTS:
        top: Level | None = (len(ORDER[name]) - 1, None) if reviewer else None
        level, end = replay(events, annotation, given, name, top)
        result[name] = ORDER[name][0 if end is not None and end <= moment else level]
    return result


def may_stand(lane: str, sources: set[str], allowed: dict[str, object]) -> bool:
    """Say whether a lane's licence grants no more than rights and sources do; the table of §2.5, by hand."""
    everything = allowed["publish"] == "open" and all(allowed[n] for n in ("derive", "train", "evaluate", "research"))
    given = sources - {"CC0-1.0"}
    if lane == "open":
        return not given and everything and bool(allowed["commercial"])
    if lane == "sharealike":
        return given == {"CC-BY-SA-4.0"} and everything and bool(allowed["commercial"])
    if lane == "noncommercial":
        return given <= {"CC-BY-NC-4.0"} and everything
    some = any(allowed[name] for name in ("train", "evaluate", "research"))
    return lane == "gated" and not given and allowed["publish"] in ("gated", "open") and some


def check(world: World, release: Release, seen: Counter[str]) -> None:
    """Hold every row of a release against the oracle."""
    session = world.session
    rows = session.scalars(select(ReleaseRow).where(ReleaseRow.release_id == release.id)).all()
    splits: dict[str, set[str]] = {}
    gone = {
        change.annotation_public_id
        for change in session.scalars(select(RowChange).where(RowChange.project_id == world.project.id))
        if change.op == "remove"
    }
    for row in rows:
        revision = session.get_one(Revision, row.revision_id)
        annotation = revision.annotation
        assert annotation.id == row.annotation_id
        assert annotation.withdrawn_at is None
        assert annotation.state != "declined"
        assert annotation.public_id not in gone
        direct, reworded = words_behind(world, revision), reworded_behind(world, revision)
        for one in direct:
            assert one.withdrawn_at is None, "withdrawn words went out"
            assert one.annotation.withdrawn_at is None
        frozen: list[dict[str, object]] = []
        for one, made in reworded.items():
            if one.withdrawn_at is not None or one.annotation.withdrawn_at is not None:
                rights = licensed(world, one, made, row.lane)
                assert rights is not None, "a translation of a withdrawn text went out without its licence"
                frozen.append(rights)
                seen["licensed translation"] += 1
        authors = direct | {one for one in reworded if not (one.withdrawn_at or one.annotation.withdrawn_at)}
        for moment in (release.frozen_at, release.frozen_at + timedelta(days=29)):
            allowed: dict[str, object] = {name: ORDER[name][-1] for name in RIGHTS}
            every = [rights_in(one, session, release.frozen_at, moment) for one in [*authors, annotation.revisions[0]]]
            for theirs in [*every, *frozen]:
                allowed = {name: min(allowed[name], theirs[name], key=list(ORDER[name]).index) for name in RIGHTS}
            assert may_stand(row.lane, sources_of(revision, session), allowed), (row.lane, allowed)
            for purpose in row.facts["purposes"]:
                assert allowed[purpose], f"{purpose} was not granted"
        allows = {name: row.facts["rights"][name] for name in ("train", "evaluate")}
        assert row.split == "test" or allows["train"]
        assert row.split == "train" or allows["evaluate"]
        splits.setdefault(row.root_id, set()).add(row.split)
        seen[row.lane] += 1
        seen["by several"] += len({one.author_id for one in authors}) > 1
        seen["edited"] += revision.role == "reviewer"
        seen["translation"] += bool(reworded)
        _see_shares(world, row, revision, seen)
    assert all(len(found) == 1 for found in splits.values()), "a lineage stands in two splits"


def _see_shares(world: World, row: ReleaseRow, revision: Revision, seen: Counter[str]) -> None:
    """Hold the shares of a row's credit against its words, and note which shares were seen."""
    shown = annotations.texts_of(revision)
    for name in ("instruction", "completion"):
        words = re.findall(r"\S+", getattr(shown, name) or "")
        for author in row.facts["authors"]:
            share = author["share_prompt" if name == "instruction" else "share_completion"]
            if share is None:
                continue
            people = {by[0] for by in row.facts["by"] if by[1] == author["contributor_id"]}
            theirs = [w for w in words if (of := labels(w)) and world.writers[of.pop()].author_id in people]  # type: ignore[union-attr]  # all are known by now
            assert share == round(len(theirs) / len(words), 3), (name, share, theirs, words)
            seen["below a fifth" if 0 < share < 0.2 else "above" if share else "none"] += 1  # the policy's number
    ancestors = set()
    current = revision.parent
    while current is not None:
        ancestors.add(current.author_id)
        current = current.parent
    seen["share 0"] += bool(ancestors - {by[0] for by in row.facts["by"]})


def test_no_row_stands_where_its_authors_and_sources_do_not_allow_it(session: Session, settings: Settings) -> None:
    with time_machine.travel(START - timedelta(days=1)):
        consent.load_seed_documents(session, OPERATOR)
    languages = [makers.a_language(session, "yor_Latn"), makers.a_language(session, "arb_Arab")]
    seq = ledger.append(session, type="test", payload={}).seq
    with time_machine.travel(START + timedelta(days=1)):
        document = documents.current_document(session, "terms")
    session.commit()
    seen: Counter[str] = Counter()

    @hypothesis(max_examples=100, suppress_health_check=[])
    @given(
        presets=st.lists(st.sampled_from([0, 0, 1, 2]), min_size=4, max_size=4), unreviewed=st.booleans(),
        ops=st.lists(_ops, min_size=12, max_size=40),
    )  # fmt: skip
    def run(presets: list[int], unreviewed: bool, ops: list[tuple[Any, ...]]) -> None:  # noqa: FBT001  # hypothesis calls it by name
        try:
            project = makers.a_project(session, *languages, release_unreviewed=unreviewed)
            world = World(session, settings, project, languages, document, seq)
            for place, preset in enumerate(presets):
                world.people.append(makers.a_person(session).id)
                world._grant(place, "everything", 0, PRESETS[preset])  # noqa: SLF001  # the world is this file's own
            for op in [*ops, ("publish",)]:
                world.play(op)
            for release in world.releases[-1:]:
                check(world, release, seen)
        finally:
            session.rollback()

    run()
    wanted = {"open", "sharealike", "noncommercial", "gated", "by several", "edited", "translation", "share 0"}
    assert {*wanted, "above"} <= {name for name, times in seen.items() if times}, f"vacuous: {seen}"
