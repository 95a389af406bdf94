"""Words that were taken back are shown to nobody but their author: not at work, not at the desk, not in the pool."""

import random
import threading
import time

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from annotator.accounts.models import Person
from annotator.annotations.models import Annotation
from annotator.annotations.rules import Written
from annotator.assignments import actions as assignments
from annotator.assignments.models import Assignment, Draft
from annotator.database import open_session
from annotator.errors import Conflict, DomainError
from annotator.languages.models import Language
from annotator.ledger import queries as ledger
from annotator.projects.models import Project
from annotator.prompts.models import Prompt
from annotator.rights import actions as rights
from tests import stories
from tests.databases import Database
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


def do_something(here: World, person: Person, chance: random.Random) -> None:
    """Sweep, take everything back, or take a piece of work and mostly hand it in."""
    drawn = chance.random()
    if drawn < 0.1:
        assignments.expire_due(here.session)
    elif drawn < 0.3:
        take_back(here, person)
    else:
        claimed = here.asks(person).assignment
        if claimed is not None and chance.random() < 0.7:
            here.submits(person, claimed, completion=str(drawn), rating_prompt=3, rating_completion=3)


@pytest.mark.usefixtures("text")
def test_withdrawals_and_work_at_the_same_time_neither_wait_in_a_ring_nor_lose_a_place(
    world: World, ada: Person, ben: Person, database: Database
) -> None:
    """Everybody does everything at once for some seconds; then the places are counted and the pool is looked at."""
    session = world.session
    for _ in range(4):
        stories.a_prompt(session, world.project, world.language)
    ids = [ada.id, ben.id, *(stories.a_contributor(session, world.language).id for _ in range(2))]
    language_id, project_id = world.language.id, world.project.id
    session.commit()
    broken: list[str] = []
    until = time.monotonic() + 4

    def work(number: int) -> None:
        chance = random.Random(number)  # noqa: S311  # not for cryptography
        while time.monotonic() < until:
            with open_session(database.engine, writes=True) as mine:
                try:
                    here = World(mine, mine.get_one(Language, language_id), mine.get_one(Project, project_id))
                    do_something(here, mine.get_one(Person, ids[number % len(ids)]), chance)
                    mine.commit()
                except DomainError:
                    mine.rollback()
                except OperationalError as error:
                    broken.append(str(error.orig))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    session.expire_all()
    assert [one for one in broken if "locked" not in one] == []  # SQLite's one writer may be waited for in vain
    for prompt in session.scalars(select(Prompt)):
        held = select(func.count()).where(Assignment.prompt_id == prompt.id, Assignment.place.is_not(None))
        assert prompt.free_places == 2 - (session.scalar(held) or 0)
    assert ledger.verify(session).broken_at is None


def test_a_withdrawal_locks_the_ledger_then_annotations_then_prompts(
    world: World, ada: Person, ben: Person, text: Annotation
) -> None:
    """The order in which nobody waits in a ring. SQLite has one writer, and locks nothing."""
    world.claims(ben)
    session = world.session
    assert text in session
    said: list[str] = []

    @event.listens_for(session.connection(), "before_cursor_execute")
    def _note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    take_back(world, ada)
    locked = [one for one in said if "advisory" in one or "FOR UPDATE" in one]
    names = [next(name for name in ("advisory", "FROM assignments", "FROM prompts", "FROM annotations") if name in one)
             for one in locked]  # fmt: skip
    order = list(dict.fromkeys(names))
    assert order in ([], ["advisory", "FROM annotations", "FROM prompts"])
    assert all("FOR UPDATE OF prompts, assignments" in one for one in locked if "FROM prompts" in one)
    assert bool(order) == (session.get_bind().dialect.name == "postgresql")
