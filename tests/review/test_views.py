"""The ambassador's desk."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator.annotations.models import Annotation
from annotator.mail.models import Letter
from annotator.review.models import Review
from tests.pages import Visitor
from tests.stories import World, a_contributor, a_prompt, a_world, an_ambassador


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session, "arb_Arab")


def where(world: World, annotation: Annotation) -> str:
    return f"/desk/{world.language.code}/{annotation.public_id}"


def form(annotation: Annotation, **changes: object) -> dict[str, object]:
    newest = annotation.revisions[0]
    return {"revision_id": newest.id, "instruction": newest.instruction, "completion": newest.completion, **changes}


def test_the_desk_leads_to_the_only_language(client: Visitor, world: World) -> None:
    client.sign_in(an_ambassador(world.session, world.language))
    assert client.get("/desk/").location.endswith("/desk/arb_Arab")
    assert "Nothing waits for you here" in client.visit("/desk/arb_Arab").source


def test_the_queue_and_a_review(client: Visitor, world: World) -> None:
    annotation = world.writes(a_contributor(world.session, world.language), "سؤال؟", "جواب")
    client.sign_in(an_ambassador(world.session, world.language))
    assert where(world, annotation) in client.visit("/desk/arb_Arab").source
    page = client.visit(where(world, annotation)).source
    assert 'dir="rtl">جواب' in page
    sent = client.post(where(world, annotation), data=form(annotation, do="accepted"))
    assert sent.location.endswith("/desk/arb_Arab")
    assert world.session.scalars(select(Review.outcome)).one() == "accepted"


def test_a_reannotation_shows_the_difference(client: Visitor, world: World) -> None:
    a_prompt(world.session, world.project, world.language, instruction="سؤال؟", completion="جواب قديم")
    person = a_contributor(world.session, world.language)
    annotation = world.submits(
        person, world.claims(person), completion="جواب جديد", rating_prompt=4, rating_completion=2
    )
    client.sign_in(an_ambassador(world.session, world.language))
    page = client.visit(where(world, annotation)).source
    assert "<del>قديم</del>" in page
    assert "<ins>جديد</ins>" in page


def test_changes_requested_write_to_the_author(client: Visitor, world: World) -> None:
    author = a_contributor(world.session, world.language)
    annotation = world.writes(author, "سؤال؟", "جواب")
    client.sign_in(an_ambassador(world.session, world.language))
    client.post(
        where(world, annotation),
        data=form(annotation, do="changes_requested", reasons=["too_short"], note="More, please."),
    )
    letter = world.session.scalars(select(Letter).where(Letter.person_id == author.id)).one()
    assert "More, please." in letter.body
    assert "too short" in letter.body
    client.sign_in(author)
    page = client.visit(f"/mine/{annotation.public_id}").source
    assert "More, please." in page
    sent = client.post(f"/mine/{annotation.public_id}", data={"instruction": "سؤال؟", "completion": "جواب أطول"})
    assert sent.status_code == 303
    assert annotation.state == "in_review"


def test_a_refused_decision_keeps_the_edit_and_the_note(client: Visitor, world: World) -> None:
    annotation = world.writes(a_contributor(world.session, world.language), "سؤال؟", "جواب")
    client.sign_in(an_ambassador(world.session, world.language))
    refused = client.post(
        where(world, annotation), data=form(annotation, do="accepted", completion="جوابي", note="A long note.")
    )
    assert refused.status_code == 422
    assert "جوابي" in refused.text
    assert "A long note." in refused.text
    assert world.session.scalar(select(Review)) is None


def test_others_decisions_are_hidden_until_ones_own(client: Visitor, session: Session) -> None:
    world = a_world(session, "arb_Arab", reviews=2)
    annotation = world.writes(a_contributor(session, world.language), "سؤال؟", "جواب")
    first, second = (an_ambassador(session, world.language) for _ in range(2))
    world.decides(first, annotation, note="Fine by me.")
    client.sign_in(second)
    assert "Fine by me." not in client.visit(where(world, annotation)).source


def test_people_without_the_role_see_no_desk(client: Visitor, world: World) -> None:
    annotation = world.writes(a_contributor(world.session, world.language))
    client.sign_in(a_contributor(world.session, world.language))
    assert client.get("/desk/").status_code == 403
    assert client.get("/desk/arb_Arab").status_code == 403
    assert client.get(where(world, annotation)).status_code == 403
    assert client.post(where(world, annotation), data={"do": "accepted"}).status_code == 403


def test_practice_work_is_not_shown_to_ambassadors(client: Visitor, world: World) -> None:
    annotation = world.writes(a_contributor(world.session, world.language, preset="practice"), "سؤال؟", "سر")
    client.sign_in(an_ambassador(world.session, world.language))
    assert client.get(where(world, annotation)).status_code == 403
    assert client.get(f"/mine/{annotation.public_id}").status_code == 403
