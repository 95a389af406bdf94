"""How a text was made: asked where it is unknown, counted when it is handed in, corrected by those who may."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator.annotations import links
from annotator.annotations.models import Annotation
from annotator.annotations.rules import authors
from annotator.audit.models import AuditEvent
from annotator.errors import Conflict, Forbidden, Invalid
from annotator.prompts.models import Prompt, PromptAuthor
from tests.faults.plans import running
from tests.pages import Visitor
from tests.stories import World, a_contributor, a_prompt, a_world, actor_of, an_ambassador


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session, reannotate_contributions=True, overlap=3)


def correct(world: World, who: object, annotation: Annotation, link: str) -> None:
    actor = actor_of(world.session, who)  # type: ignore[arg-type]  # a person
    links.correct(world.session, actor=actor, annotation=annotation, link=link)


def test_who_answers_says_what_it_is_where_the_prompt_leaves_that_open(world: World) -> None:
    person = a_contributor(world.session, world.language)
    a_prompt(world.session, world.project, world.language, answer_link="ask")
    assignment = world.claims(person)
    with pytest.raises(Invalid, match="link_missing"):
        world.submits(person, assignment, completion="E kaaro")
    with pytest.raises(Invalid, match="link_missing"):
        world.submits(person, assignment, completion="E kaaro", link="edit")
    made = world.submits(person, assignment, completion="E kaaro", link="translation")
    assert made.revisions[0].link == "translation"


def test_a_prompt_that_says_it_is_believed(world: World) -> None:
    person = a_contributor(world.session, world.language)
    a_prompt(world.session, world.project, world.language, answer_link="translation")
    made = world.submits(person, world.claims(person), completion="E kaaro", link="completion")
    assert made.revisions[0].link == "translation"


def test_the_page_asks_without_a_script(world: World, client: Visitor) -> None:
    person = a_contributor(world.session, world.language)
    a_prompt(world.session, world.project, world.language, answer_link="ask")
    assignment = world.claims(person)
    client.sign_in(person)
    address = f"/projects/{world.project.slug}/{world.language.code}/work/{assignment.id}"
    page = client.visit(address)
    assert "What is your answer?" in page.source
    sent = client.post(address, data={"do": "submit", "completion": "E kaaro"})
    assert sent.status_code == 422
    assert "Say what your answer is" in sent.get_data(as_text=True)
    assert client.post(address, data={"do": "submit", "completion": "E kaaro", "link": "paraphrase"}).status_code == 303
    assert world.session.scalars(select(Annotation)).one().revisions[0].link == "paraphrase"


def edited(world: World, text: str = "mo wa dada") -> Annotation:
    author, other = (a_contributor(world.session, world.language) for _ in range(2))
    reader = an_ambassador(world.session, world.language)
    world.decides(reader, world.writes(author, "Bawo ni", "mo wa nibi"))
    made = world.submits(other, world.claims(other), completion=text, rating_prompt=3, rating_completion=3)
    world.decides(reader, made)
    return made


def test_an_edit_is_counted_when_it_is_handed_in(world: World) -> None:
    made = edited(world)
    above = made.revisions[0].parent
    assert above is not None
    assert made.revisions[0].shares == {"completion": [[above.id, 2], [-1, 1]]}
    imported = a_prompt(world.session, world.project, world.language, completion="okan meji", priority=9)
    person = a_contributor(world.session, world.language)
    text = {"instruction": f"{imported.instruction} Kini", "completion": "okan meta", "rating_prompt": 3}
    first = world.submits(person, world.claims(person), rating_completion=3, **text)
    assert first.revisions[0].shares == {"instruction": [[0, 2], [-1, 1]], "completion": [[0, 1], [-1, 1]]}


def test_what_is_all_its_authors_own_costs_no_statement_and_stores_nothing(world: World) -> None:
    person = a_contributor(world.session, world.language)
    for _ in range(2):
        a_prompt(world.session, world.project, world.language)
    assignment = world.claims(person)
    with running(world.session) as ran:
        made = world.submits(person, assignment, completion="E kaaro")
        world.session.flush()
    assert made.revisions[0].shares is None
    assert not [one for one, _given in ran.statements if "UPDATE revisions" in one]
    assert world.writes(person).revisions[0].shares is None


def test_an_author_may_say_that_a_text_owes_more_and_only_an_ambassador_less(world: World) -> None:
    made = edited(world, "oro miran patapata")
    author, other = made.author, a_contributor(world.session, world.language)
    start = made.revisions[0].parent
    assert start is not None
    assert authors(made.revisions[0]) == [start.author_id, author.id], "the question is still theirs"
    correct(world, author, made, "translation")
    assert made.revisions[0].link == "translation"
    for who, error in ((author, Conflict), (other, Forbidden)):
        with pytest.raises(error):
            correct(world, who, made, "edit")
    ambassador = an_ambassador(world.session, world.language)
    correct(world, ambassador, made, "completion")
    assert made.revisions[0].link == "completion"
    told = world.session.scalars(select(AuditEvent.action).where(AuditEvent.object_id == made.id)).all()
    assert told.count("annotation.link_corrected") == 2
    with pytest.raises(Invalid, match="link_unknown"):
        correct(world, ambassador, made, "poem")


def test_nobody_calls_others_words_an_answer_of_their_own(world: World) -> None:
    made = edited(world)
    with pytest.raises(Invalid, match="link_shares_words"):
        correct(world, an_ambassador(world.session, world.language), made, "completion")
    original = world.writes(made.author)
    with pytest.raises(Invalid, match="link_of_original"):
        correct(world, made.author, original, "edit")


def test_the_pool_learns_who_is_behind_a_translation(world: World) -> None:
    author, other = (a_contributor(world.session, world.language) for _ in range(2))
    reader = an_ambassador(world.session, world.language)
    world.decides(reader, world.writes(author, "Bawo ni", "mo wa nibi"))
    fields = {"instruction": "Kini yen", "completion": "oro miran", "rating_prompt": 3, "rating_completion": 3}
    made = world.submits(other, world.claims(other), **fields)
    world.decides(reader, made)
    prompt = world.session.scalars(select(Prompt).where(Prompt.revision_id == made.revisions[0].id)).one()
    named = select(PromptAuthor.person_id).where(PromptAuthor.prompt_id == prompt.id)
    assert set(world.session.scalars(named)) == {other.id}, "no word of the first author is left"
    correct(world, reader, made, "translation")
    assert set(world.session.scalars(named)) == {author.id, other.id}


def test_pages_correct_it(world: World, client: Visitor) -> None:
    made = edited(world)
    client.sign_in(made.author)
    page = client.visit(f"/mine/{made.public_id}")
    client.send(page.form(button="Correct this"), link="paraphrase")
    world.session.expire_all()
    assert made.revisions[0].link == "paraphrase"
    refused = client.post(f"/mine/{made.public_id}/link", data={"link": "edit"}, follow_redirects=True)
    assert "An ambassador of its language" in refused.get_data(as_text=True)
    client.sign_in(an_ambassador(world.session, world.language))
    page = client.visit(f"/desk/{world.language.code}/{made.public_id}")
    client.send(page.form(button="Correct this"), link="edit")
    world.session.expire_all()
    assert made.revisions[0].link == "edit"
    client.sign_in(a_contributor(world.session, world.language))
    assert client.post(f"/mine/{made.public_id}/link", data={"link": "edit"}).status_code == 404
