"""Make, change, pause, resume and close projects."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator.audit.models import AuditEvent
from annotator.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from annotator.permissions import OPERATOR, VISITOR, Actor
from annotator.projects import actions, queries
from annotator.projects.models import Project
from tests.makers import a_language, a_project

MAINTAINER = Actor(person_id=7, maintainer=True)


def a_new_one(session: Session, **changes: Any) -> Project:  # noqa: ANN401  # what create takes
    settings: dict[str, Any] = {"slug": "river", "title": "River", "languages": [a_language(session)], **changes}
    return actions.create(session, **{"actor": OPERATOR, **settings})


def events(session: Session) -> list[tuple[str, dict[str, Any]]]:
    session.flush()
    return [(event.action, event.facts) for event in session.scalars(select(AuditEvent).order_by(AuditEvent.id))]


def test_a_new_project_is_open_and_has_a_key_of_its_own(session: Session) -> None:
    yoruba, arabic = a_language(session), a_language(session, "arb_Arab")
    made = a_new_one(session, languages=[yoruba, arabic, yoruba], description="  Texts.\r\nMany. ")
    other = a_new_one(session, slug="hill")
    session.expire_all()
    found = queries.by_slug(session, "river")
    assert (found.state, found.overlap, found.reviews, found.release_unreviewed) == ("open", 1, 1, False)
    assert [language.code for language in found.languages] == ["arb_Arab", "yor_Latn"]
    assert found.description == "Texts.\nMany."
    assert found.mix == {"original": 1, "answer": 1, "reannotate": 1}
    assert found.lanes == ["open", "sharealike", "noncommercial", "gated"]
    assert len(found.key) == 32
    assert found.key != other.key
    action, facts = events(session)[0]
    assert (action, facts) == ("project.created", {"languages": ["arb_Arab", "yor_Latn"]})
    assert made is found


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"slug": "River"}, "project_slug_invalid"),
        ({"title": " "}, "project_title_missing"),
        ({"languages": []}, "project_languages_missing"),
        ({"overlap": 0}, "project_overlap_invalid"),
        ({"reviews": 0}, "project_reviews_invalid"),
        ({"mix": {"answer": 0}}, "project_mix_empty"),
        ({"lanes": ["wide"]}, "project_lane_unknown"),
    ],
)
def test_settings_that_cannot_stand_leave_nothing_behind(session: Session, changes: dict[str, Any], code: str) -> None:
    with pytest.raises(DomainError) as refusal:
        a_new_one(session, **changes)
    assert refusal.value.code == code
    assert queries.listing(session) == []


def test_a_slug_is_taken_once(session: Session) -> None:
    a_new_one(session)
    with pytest.raises(Conflict) as refusal:
        a_new_one(session)
    assert refusal.value.code == "project_slug_taken"


def test_editing_changes_what_was_said_and_notes_which(session: Session) -> None:
    project = a_new_one(session, description="Kept")
    actions.edit(
        session, actor=MAINTAINER, project=project, title="Streams", mix={"answer": 2}, reviews=1,
        release_unreviewed=True, lanes=["open"], reannotate_contributions=False,
    )  # fmt: skip
    session.expire_all()
    assert (project.title, project.description, project.mix) == ("Streams", "Kept", {"answer": 2})
    assert (project.release_unreviewed, project.lanes) == (True, ["open"])
    action, facts = events(session)[-1]
    assert (action, sorted(facts["changed"])) == ("project.edited", ["lanes", "mix", "release_unreviewed", "title"])


def test_caps_are_set_kept_and_taken_away(session: Session) -> None:
    project = a_new_one(session, daily_cap=20)
    assert (project.daily_cap, project.total_cap) == (20, None)
    actions.edit(session, actor=MAINTAINER, project=project, total_cap=500)
    assert (project.daily_cap, project.total_cap) == (20, 500)
    actions.edit(session, actor=MAINTAINER, project=project, daily_cap=0, total_cap=500)
    session.expire_all()
    assert (project.daily_cap, project.total_cap) == (None, 500)
    assert [facts["changed"] for action, facts in events(session) if action == "project.edited"] == [
        ["total_cap"],
        ["daily_cap"],
    ]
    with pytest.raises(Invalid) as refusal:
        actions.edit(session, actor=MAINTAINER, project=project, daily_cap=-1)
    assert refusal.value.code == "project_cap_invalid"


def test_editing_nothing_is_not_noted(session: Session) -> None:
    project = a_new_one(session)
    actions.edit(session, actor=OPERATOR, project=project, title="River")
    assert [action for action, _ in events(session)] == ["project.created"]


def test_pause_resume_close_and_open_again(session: Session) -> None:
    project = a_new_one(session)
    for act, state in (
        (actions.pause, "paused"),
        (actions.resume, "open"),
        (actions.close, "closed"),
        (actions.resume, "open"),
    ):
        assert act(session, actor=MAINTAINER, project=project).state == state
        before = len(events(session))
        act(session, actor=MAINTAINER, project=project)
        assert len(events(session)) == before
    assert events(session)[-1] == ("project.state_changed", {"before": "closed", "after": "open"})


def test_languages_are_added_once(session: Session) -> None:
    project = a_new_one(session)
    arabic = a_language(session, "arb_Arab")
    given = [arabic, a_language(session), arabic]
    assert actions.add_languages(session, actor=OPERATOR, project=project, languages=given) == [arabic]
    assert actions.add_languages(session, actor=OPERATOR, project=project, languages=given) == []
    session.expire_all()
    assert [language.code for language in project.languages] == ["arb_Arab", "yor_Latn"]


@pytest.mark.parametrize("actor", [VISITOR, Actor(person_id=1), Actor(person_id=1, ambassador_of=frozenset({1}))])
def test_only_maintainers_and_the_operator_manage_projects(session: Session, actor: Actor) -> None:
    project, language = a_project(session), a_language(session)
    for act in (
        lambda: a_new_one(session, actor=actor),
        lambda: actions.edit(session, actor=actor, project=project, title="Mine"),
        lambda: actions.add_languages(session, actor=actor, project=project, languages=[language]),
        lambda: actions.pause(session, actor=actor, project=project),
        lambda: actions.resume(session, actor=actor, project=project),
        lambda: actions.close(session, actor=actor, project=project),
    ):
        with pytest.raises(Forbidden):
            act()
    assert project.state == "open"


def test_questions_about_projects(session: Session) -> None:
    yoruba, arabic = a_language(session), a_language(session, "arb_Arab")
    paused = a_project(session, yoruba, title="A", state="paused")
    closed = a_project(session, yoruba, title="B", state="closed")
    later, first = a_project(session, yoruba, title="D"), a_project(session, yoruba, arabic, title="C")
    session.expire_all()
    assert queries.listing(session) == [first, later, paused, closed]
    assert queries.listing(session, state="paused") == [paused]
    assert queries.collecting(session, yoruba) == [first, later]
    assert queries.collects_in(first, arabic)
    assert not queries.collects_in(later, arabic)
    with pytest.raises(NotFound) as refusal:
        queries.by_slug(session, "nowhere")
    assert refusal.value.code == "project_unknown"
