"""What claims and submissions ask of somebody's choices is what the choices add up to, whatever their order."""

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from annotator import clock
from annotator.consent import actions, queries
from annotator.consent.rules import PRESETS
from annotator.permissions import OPERATOR, Actor
from tests.makers import a_language, a_person

CHOICES = st.lists(
    st.tuples(st.sampled_from(sorted(PRESETS)), st.sampled_from([None, 0, 1]), st.sampled_from([None, 1, 90])),
    max_size=4,
)


@hypothesis(max_examples=40)
@given(choices=CHOICES)
def test_it_is_what_the_choices_add_up_to(session: Session, choices: list[tuple[str, int | None, int | None]]) -> None:
    actions.load_seed_documents(session, OPERATOR)
    with session.begin_nested() as again:
        person, languages = a_person(session), [a_language(session), a_language(session, "hau_Latn")]
        me: dict[str, Any] = {"actor": Actor(person.id), "attribution": "handle", "adult": True}
        assert queries.agreed(session, person.id, language_id=languages[0].id, at=clock.now()) is None
        actions.decide(session, preset="open", **me)
        for preset, scope, days in choices:
            ends = None if days is None else clock.now() + timedelta(days=days)
            where = None if scope is None else languages[scope]
            actions.decide(session, preset=preset, language=where, expires_at=ends, **me)
        for days in (0, 2, 100):
            at = clock.now() + timedelta(days=days)
            for language in languages:
                asked = queries.agreed(session, person.id, language_id=language.id, at=at)
                assert asked is not None
                assert asked.decisions == queries.decisions_for(session, person.id, language_id=language.id, at=at)
        again.rollback()
