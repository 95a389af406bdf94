"""Say something about oneself and how far it may be used; or take it back, which deletes it at once."""

from collections.abc import Mapping

from sqlalchemy import delete
from sqlalchemy.orm import Session

from annotator import clock
from annotator.audit import actions as audit
from annotator.consent import queries as documents
from annotator.consent.about import queries, rules
from annotator.consent.about.queries import About
from annotator.consent.models import Demographic, PersonalChoice
from annotator.ledger import actions as ledger
from annotator.permissions import Actor, Permission, permit

PRIVACY = "privacy"


def choose(
    session: Session, *, actor: Actor, levels: Mapping[str, str], values: Mapping[str, str | None] | None = None
) -> About:
    """Record how far the actor lets things about them be used, and return what stands then.

    ``levels`` by topic; a topic that is left out stays as it was. ``values`` by field, for the fields that are on. A
    field that is switched off loses its value in the same transaction. The ledger gets topic and level, never a value.

    Raises Invalid ``about_topic``, ``about_level``, ``about_value_missing`` or ``about_value``; NotFound
    ``document_missing``.
    """
    permit(actor, Permission.CONSENT_CHANGE, owner_id=actor.person_id)
    person_id = actor.person_id or 0
    ledger.queue_up(session)  # what stands is read by one after the other: a form that is sent twice is one choice
    before = queries.about(session, person_id)
    wanted = {topic: rules.level_of(topic, level) for topic, level in levels.items()}
    given = {}
    for field in rules.FIELDS:
        if wanted.get(field, before.levels[field]) != rules.NONE:
            given[field] = rules.value_of(field, (values or {}).get(field) or before.values.get(field))
    notice = documents.current_document(session, PRIVACY)
    for topic in rules.TOPICS:
        level = wanted.get(topic, before.levels[topic])
        if level == before.levels[topic]:
            continue
        entry = ledger.append(
            session,
            type="personal.chosen",
            payload={"topic": topic, "level": level, "documents": {PRIVACY: notice.sha256}},
            person_id=person_id,
            document_sha256=notice.sha256,
        )
        choice = PersonalChoice(
            person_id=person_id,
            at=clock.now(),
            document_id=notice.id,
            topic=topic,
            level=level,
            ledger_seq=entry.seq,
        )
        session.add(choice)
        session.flush()
        audit.record(
            session, actor=actor, action="personal.chosen", object_kind="personal_choice", object_id=choice.id,
            topic=topic, level=level, ledger_seq=entry.seq,
        )  # fmt: skip
    _keep(session, person_id, before.values, given)
    return queries.about(session, person_id)


def _keep(session: Session, person_id: int, before: Mapping[str, str], given: Mapping[str, str]) -> None:
    """Keep the values of what is on, and no other."""
    session.execute(
        delete(Demographic).where(Demographic.person_id == person_id, Demographic.field.not_in(list(given)))
    )
    for field, value in given.items():
        if field not in before:
            session.add(Demographic(person_id=person_id, field=field, value=value))
        elif before[field] != value:
            session.get_one(Demographic, (person_id, field)).value = value
    session.flush()
