"""The pages that take texts back."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.mail.models import Letter
from annotator.rights import views
from annotator.rights.models import Hold, Withdrawal
from tests.makers import a_maintainer
from tests.pages import Visitor
from tests.stories import World, a_contributor, a_world, an_ambassador


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session, reannotate_contributions=True)


def test_one_text(client: Visitor, world: World) -> None:
    author, other = (a_contributor(world.session, world.language) for _ in range(2))
    annotation = world.writes(author)
    world.decides(an_ambassador(world.session, world.language), annotation)
    world.submits(other, world.claims(other), completion="Better.", rating_prompt=3, rating_completion=3)
    client.sign_in(author)
    assert "/rights/withdraw?annotation=" in client.visit(f"/mine/{annotation.public_id}").source
    page = client.visit(f"/rights/withdraw?annotation={annotation.public_id}").source
    assert "Texts by other people that wait for a new prompt, or for new words in place of yours: 1." in page
    sent = client.post(f"/rights/withdraw?annotation={annotation.public_id}")
    assert sent.status_code == 303
    assert annotation.state == "withdrawn"
    assert "taken back" in client.visit("/mine/").source
    client.visit("/rights/")
    letter = world.session.scalars(select(Letter).where(Letter.person_id == author.id)).one()
    assert world.session.scalars(select(Withdrawal.public_id)).one() in letter.body


def test_a_language_and_everything(client: Visitor, world: World) -> None:
    author = a_contributor(world.session, world.language)
    annotation = world.writes(author)
    client.sign_in(author)
    assert "language=yor_Latn" in client.visit("/rights/").source
    client.visit("/rights/withdraw?language=yor_Latn")
    client.visit("/rights/withdraw")
    assert client.post("/rights/withdraw").status_code == 303
    assert annotation.state == "withdrawn"
    assert "nothing left to take back" in client.visit("/rights/withdraw").source


def test_anothers_text_is_not_there(client: Visitor, world: World) -> None:
    annotation = world.writes(a_contributor(world.session, world.language))
    client.sign_in(a_contributor(world.session, world.language))
    path = f"/rights/withdraw?annotation={annotation.public_id}"
    assert client.get(path).status_code == 404
    assert client.post(path).status_code == 404
    assert annotation.state == "in_review"


def test_looking_changes_nothing(client: Visitor, world: World) -> None:
    author = a_contributor(world.session, world.language)
    annotation = world.writes(author)
    client.sign_in(author)
    client.visit(f"/rights/withdraw?annotation={annotation.public_id}")
    assert annotation.state == "in_review"


def test_undo_on_the_page(client: Visitor, world: World) -> None:
    author = a_contributor(world.session, world.language)
    annotation = world.writes(author)
    client.sign_in(author)
    client.post("/rights/withdraw?language=yor_Latn")
    made = world.session.scalars(select(Withdrawal)).one()
    page = client.visit("/rights/").source
    assert "you can undo it until" in page
    assert client.post(f"/rights/withdrawals/{made.public_id}/undo").status_code == 303
    assert annotation.state == "in_review"
    assert "undone; your texts are back" in client.visit("/rights/").source
    client.post(f"/rights/withdrawals/{made.public_id}/undo")
    assert "The time to undo this is over" in client.visit("/rights/").source


def test_everything_asks_for_a_sign_in_of_the_last_12_hours(client: Visitor, world: World) -> None:
    """Somebody who finds an open browser cannot take everything back."""
    author = a_contributor(world.session, world.language)
    annotation = world.writes(author)
    with time_machine.travel(clock.now().replace(microsecond=0), tick=False) as moment:
        client.sign_in(author)
        moment.shift(timedelta(hours=12))
        assert client.get("/rights/withdraw").status_code == 200
        moment.shift(timedelta(seconds=1))
        asked = client.get("/rights/withdraw")
        assert asked.status_code == 303
        assert "again=1" in asked.location
        assert "password" in client.visit(asked.location).source
        assert client.post("/rights/withdraw").status_code in {303, 401}
        assert annotation.state == "in_review"
        assert client.get("/rights/withdraw?language=yor_Latn").status_code == 200, "a language can be undone as well"


def test_the_queue_extends_and_holds(client: Visitor, world: World) -> None:
    author, first, second = a_contributor(world.session, world.language), *(a_maintainer(world.session) for _ in "12")
    client.sign_in(author)
    world.writes(author)
    client.post("/rights/withdraw?language=yor_Latn")
    made = world.session.scalars(select(Withdrawal)).one()
    assert client.get("/rights/queue").status_code == 403
    client.sign_in(first)
    page = client.visit("/rights/queue")
    assert made.public_id[:8] in page.source
    assert "it can be undone until" in page.text
    assert "being erased" not in page.text, "nothing is erased before the window closes"
    path = f"/rights/withdrawals/{made.public_id}"
    refused = client.post(f"{path}/extend", data={f"extend{made.id}-reason": ""})
    assert refused.status_code == 422
    client.post(f"{path}/extend", data={f"extend{made.id}-reason": "A flood."})
    assert made.extended_until is not None
    again = client.post(f"{path}/extend", data={f"extend{made.id}-reason": "Again."}, follow_redirects=True)
    assert "extended once already" in again.text, "said, though the form is gone"
    late = {"authority": "A court", "reason": "Order 7", "until": "2999-01-01"}
    kept = client.post(f"{path}/hold", data={f"hold{made.id}-{name}": value for name, value in late.items()})
    assert kept.status_code == 422
    assert "A court" in kept.text, "nothing is lost"
    day = (clock.now() + timedelta(days=20)).date().isoformat()
    good = {**late, "until": day}
    client.post(f"{path}/hold", data={f"hold{made.id}-{name}": value for name, value in good.items()})
    hold = world.session.scalars(select(Hold)).one()
    assert hold.until.isoformat().startswith(f"{day}T23:59"), "the last day is part of it"
    assert "Confirm the hold" not in client.visit("/rights/queue").source
    client.post(f"/rights/holds/{hold.public_id}/confirm")
    assert hold.confirmed_at is None
    client.sign_in(second)
    assert "Confirm the hold" in client.visit("/rights/queue").source
    client.post(f"/rights/holds/{hold.public_id}/confirm")
    assert world.session.scalar(select(Hold.confirmed_at)) is not None
    client.post(f"/rights/holds/{hold.public_id}/lift")
    assert world.session.scalar(select(Hold.lifted_at)) is not None


def test_a_long_queue_shows_what_was_promised_first(
    client: Visitor, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "MOST_CARDS", 2)
    author = a_contributor(world.session, world.language)
    client.sign_in(author)
    for n in range(3):
        client.post(f"/rights/withdraw?annotation={world.writes(author, f'Why? {n}').public_id}")
    made = world.session.scalars(select(Withdrawal.public_id).order_by(Withdrawal.id)).all()
    client.sign_in(a_maintainer(world.session))
    page = client.visit("/rights/queue")
    assert [one[:8] in page.source for one in made] == [True, True, False]
    assert "More that wait, promised for later: 1." in page.text
    for how in ("extend", "hold"):
        assert client.visit(f"/rights/withdrawals/{made[0]}/{how}").path == "/rights/queue"


def test_the_figures_are_for_everybody(client: Visitor, world: World) -> None:
    author = a_contributor(world.session, world.language)
    world.writes(author)
    client.sign_in(author)
    client.post("/rights/withdraw?language=yor_Latn")
    client.post("/sign-out")
    page = client.visit("/rights/figures").source
    assert "under 5" in page
    assert author.handle not in page
