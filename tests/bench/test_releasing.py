"""A release that is published while people work: the texts it is made of, and the command."""

import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from annotator.bench import filling, releasing
from annotator.bench.client import Crowd
from annotator.bench.ground import Ground, ground
from annotator.bench.notes import Notes, Span
from annotator.bench.releasing import Publication
from annotator.database import make_engine, open_session
from tests.bench.conftest import Place


@pytest.fixture
def accepted(place: Place) -> Iterator[tuple[Ground, Engine]]:
    """A project with 30 accepted texts by two people."""
    with ground(place.url) as made:
        engine = make_engine(made.url)
        with open_session(engine, writes=True) as session:
            filling.found(session)
            releasing.accept(session, list(filling.join(session, 2)), 30, lambda _done: None)
            session.commit()
        yield made, engine
        engine.dispose()


def publish(made: Ground, engine: Engine) -> tuple[Publication, Notes]:
    publication, begin = Publication(), time.monotonic()
    notes = Notes(Span(begin, begin + 0.1), 1)
    Crowd("127.0.0.1", 1, [releasing.publish(made, engine, 1, publication, notes)]).play()
    return publication, notes


def test_every_accepted_text_is_a_row(accepted: tuple[Ground, Engine]) -> None:
    publication, notes = publish(*accepted)
    assert (publication.rows, publication.why_not) == (30, None)
    assert publication.span is not None
    assert notes.span.end == publication.span.end  # it took longer than was to be measured
    assert list(accepted[0].folder.glob("exports/bench/1.0.0/data/open/*"))


def test_a_release_that_is_refused_says_why(accepted: tuple[Ground, Engine], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(releasing, "VERSION", "newest")
    publication, _ = publish(*accepted)
    assert publication.rows == 0
    assert "newest" in (publication.why_not or "")
