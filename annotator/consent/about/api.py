"""What one says about oneself, over HTTP."""

from typing import Literal

from pydantic import BaseModel

from annotator.consent.about import actions, queries
from annotator.consent.about.queries import About as Stands
from annotator.permissions import Permission, Scope
from annotator.web.access import current_actor
from annotator.web.api.endpoints import Endpoint, room
from annotator.web.api.shapes import Body
from annotator.web.extensions import db_session

blueprint = room("about")

Level = Literal["none", "aggregate", "row"]


class Field(BaseModel):
    """One fact about oneself, and how far it may be used: by nobody, in counts, or beside one's texts."""

    level: Level
    value: str | None


class About(BaseModel):
    """What one says about oneself; a field that is off has no value anywhere. The rest are switches, off at first."""

    age_range: Field
    gender: Field
    country: Field
    mail_news: bool
    mail_reminders: bool
    leaderboard: bool
    findable: bool


class FieldIn(Body):
    """A fact and its level. value: 18-24, 25-34, 35-44, 45-54, 55-64 or 65+; any word for gender; ISO 3166-1 alpha-2."""

    level: Level
    value: str | None = None


class AboutIn(Body):
    """What shall stand; what is left out stays as it was. A field at none is deleted at once."""

    age_range: FieldIn | None = None
    gender: FieldIn | None = None
    country: FieldIn | None = None
    mail_news: bool | None = None
    mail_reminders: bool | None = None
    leaderboard: bool | None = None
    findable: bool | None = None


_FIELDS = ("age_range", "gender", "country")
_SWITCHES = {
    name: name.replace("mail_", "mail.") for name in ("mail_news", "mail_reminders", "leaderboard", "findable")
}


@Endpoint(blueprint, "GET", "/me/about", answers={200: About}, scope=Scope.READ)
def show_about() -> About:
    """Say what stands about oneself."""
    return _shape(queries.about(db_session(), current_actor().person_id or 0))


@Endpoint(
    blueprint, "PUT", "/me/about", answers={200: About},
    scope=Scope.RIGHTS, permission=Permission.CONSENT_CHANGE, body=AboutIn,
    refuses={404: ("document_missing",), 422: ("about_value", "about_value_missing")},
)  # fmt: skip
def change_about(body: AboutIn) -> About:
    """Say something about oneself, or take it back."""
    fields = {name: one for name in _FIELDS if (one := getattr(body, name)) is not None}
    switches = {topic: on for name, topic in _SWITCHES.items() if (on := getattr(body, name)) is not None}
    levels = {name: one.level for name, one in fields.items()}
    levels |= {topic: "yes" if on else "none" for topic, on in switches.items()}
    values = {name: one.value for name, one in fields.items()}
    return _shape(actions.choose(db_session(), actor=current_actor(), levels=levels, values=values))


def _shape(stands: Stands) -> About:
    fields = {name: Field(level=stands.levels[name], value=stands.values.get(name)) for name in _FIELDS}
    switches = {name: stands.levels[topic] == "yes" for name, topic in _SWITCHES.items()}
    return About.model_validate({**fields, **switches})
