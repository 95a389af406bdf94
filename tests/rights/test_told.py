"""By whatever door a text goes: whoever has a text that builds on it, and waits now, is told in that same transaction."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts import tokens
from annotator.accounts.models import Person
from annotator.annotations.models import Annotation
from annotator.mail.models import Letter
from annotator.permissions import VISITOR
from annotator.rights.leaving.jobs import leave_due
from annotator.rights.requests import actions as requests
from annotator.settings import Settings
from tests.conftest import Runner
from tests.databases import Database
from tests.makers import a_maintainer
from tests.pages import Visitor
from tests.stories import World, a_contributor, a_world, actor_of, an_ambassador


@dataclass
class Doors:
    """Ada's text, Ben's that builds on it, and all ways by which Ada's goes."""

    world: World
    client: Visitor
    runner: Runner
    database: Database
    settings: Settings
    ada: Person
    text: Annotation

    def the_lookup(self) -> None:
        """Ada ticks two texts at once."""
        other = self.world.writes(self.ada, "Another?", "Another.")
        self.client.sign_in(self.ada)
        self.client.post("/lookup/mine", data={"texts": [self.text.public_id, other.public_id], "confirm": "1"})

    def a_request(self) -> None:
        """Somebody is described in it."""
        session = self.world.session
        asked = requests.ask(session, actor=VISITOR, kind="described", statement="Me.", place=self.text.public_id)
        self.client.sign_in(a_maintainer(session))
        self.client.post(f"/requests/desk/{asked.request.public_id}/accept", data={"texts": [self.text.public_id]})

    def a_purge(self) -> None:
        """Ada is a child."""
        self.client.sign_in(a_maintainer(self.world.session))
        self.client.post("/requests/desk/purge-minor", data={"email": self.ada.email, "again": self.ada.email})

    def a_purge_by_command(self) -> None:
        """The same at the command line."""
        self.runner("rights", "purge-minor", self.ada.email, "--yes")

    def leaving(self) -> None:
        """Ada leaves and takes everything along."""
        self.client.sign_in(self.ada)
        self.client.post("/me/leave", data={"manner": "take"})

    def leaving_over_http(self) -> None:
        """The same with a token."""
        actor = actor_of(self.world.session, self.ada)
        _token, secret = tokens.make(self.world.session, actor=actor, person=self.ada, name="mine", scopes=["rights"])
        signed = {"Authorization": f"Bearer {secret}"}
        assert self.client.post("/api/v1/me/leave", json={"manner": "take"}, headers=signed).status_code == 201

    def leaving_by_command(self) -> None:
        """The same at the command line."""
        self.runner("people", "leave", self.ada.email, "--manner", "take")

    def a_claim_code(self) -> None:
        """Ada left the text here, and takes it back with the code."""
        self.client.sign_in(self.ada)
        answer = self.client.post("/me/leave", data={"manner": "unnamed"}).get_data(as_text=True)
        code = re.search(r'<code id="code"[^>]*>([A-Z2-7-]+)</code>', answer)
        assert code
        self.world.session.commit()
        with time_machine.travel(clock.now() + timedelta(hours=73), tick=False):
            assert leave_due(self.database.engine, self.settings) == 1
        self.world.session.expire_all()
        self.client.post("/claim/withdraw", data={"code": code.group(1)})


@pytest.fixture
def doors(session: Session, client: Visitor, runner: Runner, database: Database, settings: Settings) -> Doors:
    world = a_world(session, reannotate_contributions=True)
    ada = a_contributor(session, world.language)
    text = world.writes(ada, "Why is it so?", "Because.")
    world.decides(an_ambassador(session, world.language), text)
    return Doors(world, client, runner, database, settings, ada, text)


@pytest.mark.parametrize(
    "door",
    [
        Doors.the_lookup,
        Doors.a_request,
        Doors.a_purge,
        Doors.a_purge_by_command,
        Doors.leaving,
        Doors.leaving_over_http,
        Doors.leaving_by_command,
        Doors.a_claim_code,
    ],
    ids=lambda door: door.__name__,
)
def test_the_author_of_what_waits_is_told(doors: Doors, door: Callable[[Doors], None]) -> None:
    world = doors.world
    ben = a_contributor(world.session, world.language)
    theirs = world.submits(
        ben, world.claims(ben), completion="Nobody ever found out.", rating_prompt=3, rating_completion=2
    )
    person_id = ben.id
    door(doors)
    world.session.expire_all()
    assert theirs.set_aside_kind == "prompt"
    letters = world.session.scalars(select(Letter.subject).where(Letter.person_id == person_id)).all()
    assert list(letters) == ["A text of yours waits for you"]
