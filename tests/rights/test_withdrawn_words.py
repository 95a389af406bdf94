"""Words that were taken back are shown to nobody but their author: not at work, not at the desk, not in the pool."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator.accounts.models import Person
from annotator.annotations.models import Annotation
from annotator.annotations.rules import Written
from annotator.assignments.models import Draft
from annotator.errors import Conflict
from annotator.prompts.models import Prompt
from annotator.rights import actions as rights
from tests import stories
from tests.pages import Visitor
from tests.stories import World

QUESTION, ANSWER = "Kini oruko asiri mi?", "Oro asiri pataki mi niyi"


@pytest.fixture
def world(session: Session) -> World:
    return stories.a_world(session, reannotate_contributions=True, overlap=2)


@pytest.fixture
def ada(world: World) -> Person:
    return stories.a_contributor(world.session, world.language)


@pytest.fixture
def ben(world: World) -> Person:
    return stories.a_contributor(world.session, world.language)


@pytest.fixture
def reader(world: World) -> Person:
    return stories.an_ambassador(world.session, world.language)


@pytest.fixture
def text(world: World, ada: Person, reader: Person) -> Annotation:
    """A text of Ada's that was accepted, and so is offered for re-annotation."""
    made = world.writes(ada, QUESTION, ANSWER)
    world.decides(reader, made)
    return made


def take_back(world: World, person: Person, annotation: Annotation | None = None) -> None:
    rights.withdraw(world.session, actor=stories.actor_of(world.session, person), person=person, annotation=annotation)


def improve(world: World, person: Person) -> Annotation:
    written = {"instruction": QUESTION, "completion": "Idahun miran", "rating_prompt": 4, "rating_completion": 2}
    return world.submits(person, world.claims(person), **written)


def shown(client: Visitor, address: str) -> list[str]:
    page = client.get(address, follow_redirects=True).get_data(as_text=True)
    return [words for words in (QUESTION, ANSWER) if words in page]


def open_pool(world: World) -> list[Prompt]:
    return list(world.session.scalars(select(Prompt).where(Prompt.state == "open", Prompt.revision_id.is_not(None))))


def test_work_that_others_began_ends_and_its_draft_goes(
    world: World, ada: Person, ben: Person, text: Annotation, client: Visitor
) -> None:
    begun = world.claims(ben)
    address = f"/projects/{world.project.slug}/{world.language.code}/work/{begun.id}"
    client.sign_in(ben)
    assert shown(client, address) == [QUESTION, ANSWER]
    client.post(address, data={"do": "save", "completion": ANSWER + " daradara"})
    take_back(world, ada, text)
    assert shown(client, address) == []
    assert world.session.scalars(select(Draft)).all() == []
    assert world.asks(ben).assignment is None
    # A page that was open all the time: what Ben typed comes back, what Ada wrote does not, and nothing is stored.
    for button in ("save", "submit"):
        fields = {"do": button, "completion": "Idahun temi", "rating_prompt": "3", "rating_completion": "3"}
        page = client.post(address, data=fields)
        assert page.status_code == 422
        assert "Idahun temi" in page.get_data(as_text=True)
        assert ANSWER not in page.get_data(as_text=True)
    assert world.session.scalars(select(Draft)).all() == []


def test_work_whose_time_was_over_ends_too(world: World, ada: Person, ben: Person, text: Annotation) -> None:
    begun = world.claims(ben)
    begun.state = "expired"
    take_back(world, ada, text)
    assert begun.state == "released"


def test_the_page_of_others_hides_what_theirs_was_made_from(
    world: World, ada: Person, ben: Person, text: Annotation, client: Visitor
) -> None:
    made = improve(world, ben)
    take_back(world, ada, text)
    client.sign_in(ben)
    assert shown(client, "/mine/") == []
    assert shown(client, f"/mine/{made.public_id}") == []
    page = client.get(f"/mine/{made.public_id}").get_data(as_text=True)
    assert "Idahun miran" in page
    assert "was taken back" in page
    assert "Change it" not in page
    client.sign_in(ada)
    assert shown(client, f"/mine/{text.public_id}") == [QUESTION, ANSWER]


def test_the_desk_does_not_show_what_builds_on_it(
    world: World, ben: Person, reader: Person, text: Annotation, client: Visitor
) -> None:
    made = improve(world, ben)
    client.sign_in(reader)
    desk = f"/desk/{world.language.code}"
    assert "1 waiting in all" in client.get(desk).get_data(as_text=True)
    take_back(world, text.author, text)
    assert "0 waiting in all" in client.get(desk).get_data(as_text=True)
    assert made.public_id not in client.get(desk).get_data(as_text=True)
    assert client.get(f"{desk}/{made.public_id}").status_code == 409
    assert shown(client, f"{desk}/{made.public_id}") == []


def test_accepting_does_not_bring_it_back_into_the_pool(
    world: World, ada: Person, ben: Person, reader: Person, text: Annotation
) -> None:
    made = improve(world, ben)
    take_back(world, ada, text)
    with pytest.raises(Conflict, match="text_withdrawn"):
        world.decides(reader, made)
    assert open_pool(world) == []


def test_a_reviewers_edit_that_was_taken_back_is_neither_shown_nor_accepted_nor_offered(
    world: World, ada: Person, reader: Person, client: Visitor
) -> None:
    made = world.writes(ada, "Ibeere?", "Idahun pelu asise")
    world.decides(reader, made, "accepted_with_edits", written=Written(completion=ANSWER), edit_needed=True)
    take_back(world, reader)
    assert made.state == "in_review"
    other = stories.an_ambassador(world.session, world.language)
    client.sign_in(other)
    assert shown(client, f"/desk/{world.language.code}/{made.public_id}") == []
    client.sign_in(ada)
    page = client.get(f"/mine/{made.public_id}").get_data(as_text=True)
    assert ANSWER not in page
    assert "Idahun pelu asise" in page
    world.decides(other, made)
    assert made.state == "accepted"
    assert made.revisions[0].accepted_at is not None
    assert [prompt.revision_id for prompt in open_pool(world)] == [made.revisions[0].id]


def test_a_second_acceptance_does_not_accept_an_edit_that_was_taken_back(session: Session) -> None:
    world = stories.a_world(session, reannotate_contributions=True, reviews=2)
    ada = stories.a_contributor(session, world.language)
    first, second = (stories.an_ambassador(session, world.language) for _ in range(2))
    made = world.writes(ada)
    world.decides(first, made, "accepted_with_edits", written=Written(completion=ANSWER))
    take_back(world, first)
    world.decides(second, made)
    assert made.revisions[1].accepted_at is None
    assert [prompt.revision_id for prompt in open_pool(world)] == [made.revisions[0].id]
