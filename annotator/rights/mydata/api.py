"""A copy of everything about oneself, over HTTP."""

from datetime import datetime

from flask import Response
from pydantic import BaseModel

from annotator.accounts.models import Person
from annotator.errors import NotFound
from annotator.permissions import Permission, Scope
from annotator.rights.models import PersonalExport
from annotator.rights.mydata import actions, queries
from annotator.rights.mydata.views import state_of, the_file
from annotator.web.access import current_actor
from annotator.web.api.endpoints import PREFIX, Answer, Endpoint, room
from annotator.web.extensions import db_session

blueprint = room("mydata")


class DataCopy(BaseModel):
    """A copy of one's data: asked (done of total steps), ready (fetch it from address until expires_at), expired, failed."""

    id: str
    state: str
    done: int
    total: int
    asked_at: datetime
    expires_at: datetime | None
    bytes: int | None
    sha256: str | None
    address: str | None


@Endpoint(
    blueprint, "POST", "/me/data", answers={202: DataCopy}, scope=Scope.RIGHTS, permission=Permission.DATA_EXPORT,
)  # fmt: skip
def ask_data() -> Answer:
    """Ask for a copy of everything about oneself; it is made by and by. Asked again, it is the same one."""
    session, actor = db_session(), current_actor()
    made = actions.ask(session, actor=actor, person=session.get_one(Person, actor.person_id))
    return Answer(_told(made), 202, headers={"Location": f"{PREFIX}/me/data"})


@Endpoint(
    blueprint, "GET", "/me/data", answers={200: DataCopy}, scope=Scope.RIGHTS, permission=Permission.DATA_EXPORT,
    refuses={404: ("data_none",)},
)  # fmt: skip
def show_data() -> DataCopy:
    """Say how far the copy is that one asked for last."""
    found = queries.latest(db_session(), current_actor().person_id or 0)
    if found is None:
        raise NotFound("data_none")
    return _told(found)


@Endpoint(
    blueprint, "GET", "/me/data/<public_id>", answers={}, file="application/zip", scope=Scope.RIGHTS,
    permission=Permission.DATA_EXPORT, refuses={404: ("data_unknown",)},
)  # fmt: skip
def fetch_data(public_id: str) -> Response:
    """Return my-data.zip."""
    return the_file(public_id, current_actor().person_id or 0)


def _told(export: PersonalExport) -> DataCopy:
    state = state_of(export)
    ready = state == "ready"
    return DataCopy(
        id=export.public_id,
        state=state,
        done=export.done or 0,
        total=export.total or 0,
        asked_at=export.asked_at,
        expires_at=export.expires_at if ready else None,
        bytes=export.bytes if ready else None,
        sha256=export.sha256 if ready else None,
        address=f"{PREFIX}/me/data/{export.public_id}" if ready else None,
    )
