"""What is noted from outside, and the figures that follow."""

from annotator.bench.client import Answer
from annotator.bench.notes import Notes, Span, milliseconds


def an_answer(status: int, *, asked: float, seconds: float = 0.5, body: bytes = b"") -> Answer:
    return Answer(status, {}, body, asked, seconds)


def test_a_share_of_times_is_the_nearest_rank() -> None:
    times = [n / 1000 for n in range(1, 21)]
    assert milliseconds(times, 0.5) == 10
    assert milliseconds(times, 0.95) == 19
    assert milliseconds(times, 1.0) == 20
    assert milliseconds([0.007], 0.5) == 7
    assert milliseconds([], 0.5) is None


def test_only_what_ends_in_the_span_is_measured_and_every_error_counts() -> None:
    notes = Notes(Span(10, 20), overlap=1)
    assert notes.fits(an_answer(201, asked=9.0), "claim", 201)  # warm-up
    assert notes.fits(an_answer(201, asked=9.7), "claim", 201)
    assert notes.fits(an_answer(200, asked=19.8), "claim", 200, 201)  # comes too late
    assert not notes.fits(an_answer(500, asked=1.0, body=b"first"), "claim", 201)
    assert not notes.fits(an_answer(500, asked=12.0, body=b"second"), "claim", 201)
    assert not notes.fits(an_answer(0, asked=12.0, body=b"broken"), "submit", 201)
    notes.cycle(2.0, ended=9.9)
    notes.cycle(2.0, ended=10.0)
    notes.cycle(3.0, ended=19.9)
    notes.cycle(2.0, ended=20.0)
    assert len(notes.requests) == 3
    assert notes.errors == {"claim: 500": 2, "submit: no answer": 1}
    assert notes.first_words == {"claim: 500": "first", "submit: no answer": "broken"}
    figures = notes.figures()
    assert figures["cycles_per_second"] == 0.2  # two in ten seconds
    assert (figures["p50_ms"], figures["p95_ms"]) == (2000, 3000)
    assert (figures["request_p95_ms"], figures["slowest_ms"], figures["requests"]) == (500, 500, 3)
    assert notes.times_of_requests(Span(12.5, 13))["requests"] == 2


def test_unfinished_work_that_comes_again_is_no_duplicate() -> None:
    notes = Notes(Span(0, 1), overlap=2)
    notes.handed_out("ade", "A", 1)
    notes.handed_out("ade", "A", 1)
    notes.handed_out("bola", "A", 2)
    notes.handed_out("ade", "B", 3)
    assert notes.duplicates == 0


def test_a_prompt_that_a_person_has_handed_in_is_a_duplicate() -> None:
    notes = Notes(Span(0, 1), overlap=2)
    notes.handed_out("ade", "A", 1)
    notes.handed_in("key", 1)
    notes.handed_out("ade", "A", 1)
    assert notes.duplicates == 1
    assert notes.acknowledged == {"key": 1}


def test_a_prompt_under_another_number_is_a_duplicate() -> None:
    notes = Notes(Span(0, 1), overlap=2)
    notes.handed_out("ade", "A", 1)
    notes.handed_out("ade", "A", 2)
    assert notes.duplicates == 1


def test_more_people_than_the_overlap_are_duplicates() -> None:
    notes = Notes(Span(0, 1), overlap=2)
    for number, person in enumerate(("ade", "bola", "chi", "dayo")):
        notes.handed_out(person, "A", number)
    assert notes.duplicates == 2
