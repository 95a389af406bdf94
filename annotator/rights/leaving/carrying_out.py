"""Carry a departure out: what is taken is erased, what stays leads to a stand-in, and the person is gone."""

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts import rules as accounts
from annotator.accounts.models import Attempt, Person
from annotator.annotations.models import Annotation
from annotator.assignments.models import Assignment
from annotator.audit import actions as audit
from annotator.consent.models import ConsentEvent
from annotator.database import Base
from annotator.errors import Conflict
from annotator.ledger import actions as ledger
from annotator.mail.models import Letter
from annotator.permissions import OPERATOR
from annotator.releases import feed
from annotator.review.models import Review
from annotator.rights import actions as rights
from annotator.rights import queries
from annotator.rights.erasing import scrubbing, standins, traces, words
from annotator.rights.erasing.policy import PEOPLE, Fate
from annotator.rights.models import ClaimCode, Departure, Request, RightsEvent, Withdrawal
from annotator.rights.requests import actions as requests
from annotator.settings import Settings


def carry_out(session: Session, departure: Departure, *, settings: Settings) -> bool:
    """Do what was asked, in the caller's transaction; False where a hold keeps the texts from being erased yet.

    Done once: a second call changes nothing. Raises Conflict ``undo_open`` while it can be undone.
    """
    ledger.queue_up(session)
    session.refresh(departure, with_for_update=True)
    if departure.done_at is not None or departure.undone_at is not None:
        return False
    if clock.now() < departure.undo_until:
        raise Conflict("undo_open")
    person = session.get_one(Person, departure.person_id)
    scrubbing.mark(settings)
    if not _erase_what_was_taken(session, departure, person, settings):
        return False
    stand_in = _stand_in(session, departure, person)
    behind = stand_in or standins.nobody(session)
    credited = traces.redact_person(session, person, behind.id, credit_stays=departure.manner == "named")
    if credited:
        feed.say_redacted(session, credited)
    printed = (person.handle, person.credit_name, person.public_id)
    _forget(session, departure, person)
    _follow_the_table(session, person.id, stand_in.id if stand_in else None, behind.id)
    session.expunge(person)
    session.execute(delete(Person).where(Person.id == person.id))
    if stand_in is not None:
        _name(session, departure, stand_in, printed)
    departure.done_at = clock.now()
    session.flush()
    ledger.append(session, type="person.left", payload={"departure": departure.public_id, "manner": departure.manner})
    audit.record(
        session, actor=OPERATOR, action="person.left", object_kind="departure", object_id=departure.id,
        how=departure.manner,
    )  # fmt: skip
    session.expire_all()
    return True


def _erase_what_was_taken(session: Session, departure: Departure, person: Person, settings: Settings) -> bool:
    """Erase every text that the person has taken back, all of them where they take everything along."""
    now = clock.now()
    if departure.manner == "take":
        left = queries.reach(session, person, annotation=None, language=None)
        if left.annotations or left.edits:
            rights.take(session, actor=OPERATOR, reach=left, person_id=person.id, scope="everything")
    waiting = select(Withdrawal).where(
        Withdrawal.person_id == person.id,
        Withdrawal.erased_at.is_(None),
        Withdrawal.state.not_in(("undone", "refused")),
    )
    for withdrawal in session.scalars(waiting.order_by(Withdrawal.id)).all():
        if session.scalar(select(Withdrawal.id).where(Withdrawal.id == withdrawal.id, queries.held(now))) is not None:
            return False
        withdrawal.undo_until = min(withdrawal.undo_until, now)
        words.erase(session, withdrawal, settings=settings)
    return True


def _stand_in(session: Session, departure: Departure, person: Person) -> Person | None:
    """Return who stands behind the texts that stay; nobody where none do."""
    if departure.manner == "take":
        return None
    taken = departure.stand_in if departure.manner == "unnamed" else None
    stand_in = standins.a_stand_in(session, taken)
    if departure.manner == "unnamed":
        session.execute(
            update(ConsentEvent)
            .where(ConsentEvent.person_id == person.id, ConsentEvent.attribution.is_not(None))
            .values(attribution="none")
        )
    return stand_in


def _name(session: Session, departure: Departure, stand_in: Person, printed: tuple[str, str | None, str]) -> None:
    """Give the stand-in its claim code, and the credit that was printed where it stays: no more of the name than that."""
    if departure.code_sha256 is not None:
        month = clock.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        session.add(ClaimCode(person_id=stand_in.id, sha256=departure.code_sha256, made_at=month))
    if departure.manner != "named":
        return
    handle, credit_name, public_id = printed
    given = set(session.scalars(select(ConsentEvent.attribution).where(ConsentEvent.person_id == stand_in.id)))
    stand_in.public_id = public_id
    if "handle" in given or ("named" in given and not credit_name):
        stand_in.handle = handle
    if "named" in given:
        stand_in.credit_name = credit_name
    session.flush()


def _forget(session: Session, departure: Departure, person: Person) -> None:
    """Erase what stands about the person outside the rows that the table of fates deletes.

    The file of a copy of their data goes once its row is gone for good: ``mydata.jobs`` deletes files without a row.
    """
    if departure.manner == "take":
        session.execute(update(Review).where(Review.reviewer_id == person.id).values(note=None))
    keys = [accounts.attempt_key(what, person.email) for what in ("sign-in", "letter")]
    session.execute(delete(Attempt).where(Attempt.key.in_(keys)))
    session.execute(delete(Letter).where(Letter.address == person.email))
    withdrawals = select(Withdrawal.id).where(Withdrawal.person_id == person.id)
    session.execute(update(RightsEvent).where(RightsEvent.withdrawal_id.in_(withdrawals)).values(reason=None))
    open_ones = select(Request).where(Request.person_id == person.id, Request.state != "closed")
    requests.close(session, session.scalars(open_ones).all(), at=clock.now())
    kept = select(Annotation.assignment_id).where(
        Annotation.author_id == person.id, Annotation.assignment_id.is_not(None)
    )
    drafts = Base.metadata.tables["drafts"]
    gone = select(Assignment.id).where(Assignment.person_id == person.id, Assignment.id.not_in(kept))
    session.execute(drafts.delete().where(or_(drafts.c.person_id == person.id, drafts.c.assignment_id.in_(gone))))
    session.execute(delete(Assignment).where(Assignment.id.in_(gone)))


def _follow_the_table(session: Session, person_id: int, stand_in_id: int | None, behind_id: int) -> None:
    """Do to every row that points at the person what ``policy.PEOPLE`` says; rows that others point at come last."""
    whom = {Fate.FORGET: None, Fate.MOVE: stand_in_id, Fate.AUTHOR: behind_id}
    for table in reversed(Base.metadata.sorted_tables):
        for column in table.columns:
            fate = PEOPLE.get(f"{table.name}.{column.name}")
            if fate is None:
                continue
            if fate is Fate.DELETE or (fate is Fate.MOVE and stand_in_id is None):
                session.execute(table.delete().where(column == person_id))
            else:
                session.execute(table.update().where(column == person_id).values({column.name: whom[fate]}))
