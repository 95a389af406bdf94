"""`bench claim`, short and small: the real server, the real people, figures that fit each other, and nothing left."""

import itertools
import os
import random
import signal
from typing import Any

import pytest

from annotator.bench import claiming, crowd, machine
from annotator.bench.claiming import Plan
from annotator.bench.filling import Member
from annotator.bench.notes import Notes
from annotator.bench.reporting import claim, wrong
from tests.bench.conftest import Place

# Shorter than the command lets anybody ask for.
SHORT = {"prompts": 200, "people": 3, "seconds": 1.0, "warm_up": 0.2, "pages": 2.0, "reference": 0.3, "workers": 1}
PROMISED = {
    "cycles_per_second", "p50_ms", "p95_ms", "errors", "duplicates", "lost", "raw_claims_per_second",
    "page_requests_per_second", "ratio_to_raw", "web_process_mb", "prompts", "people", "seconds", "database",
    "slowest_ms",
}  # fmt: skip


def short(place: Place, **changes: object) -> dict[str, Any]:
    plan: dict[str, Any] = {"database_url": place.url, **SHORT, **changes}
    return claiming.run(Plan(**plan))


def test_the_figures_are_there_and_fit_each_other(place: Place) -> None:
    facts = short(place)
    assert set(facts) >= PROMISED
    assert (facts["errors"], facts["duplicates"], facts["lost"], facts["missing"]) == (0, 0, 0, 0), facts
    assert facts["what_went_wrong"] == {}
    assert wrong(facts) is None
    assert facts["annotations"] >= facts["cycles_per_second"] * facts["seconds"] > 0
    assert 0 < facts["request_p50_ms"] < facts["p50_ms"] <= facts["p95_ms"] <= facts["p99_ms"]
    assert facts["request_p95_ms"] <= facts["slowest_ms"]
    assert facts["ratio_to_raw"] == pytest.approx(
        facts["cycles_per_second"] / facts["raw_claims_per_second"], abs=0.001
    )
    assert facts["page_requests_per_second"] > 0
    assert 20 < facts["web_process_mb"] <= facts["all_processes_mb"]
    assert 0 < facts["people_cores"] < 1
    assert 0 < facts["server_cores"] < facts["all_cores"]
    assert 0 < facts["server_ms_per_cycle"] < 1_000
    assert facts["database"].lower().startswith(place.dialect)
    assert f"{facts['cycles_per_second']:,} a second" in claim(facts)
    assert place.left() == set()


def test_a_server_that_dies_is_seen_while_people_work_at_a_pace(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    submissions, submit = itertools.count(1), crowd.submit

    def killing(member: Member, notes: Notes, assignment_id: int, chance: random.Random) -> crowd.Step:
        if next(submissions) == 5:
            [folder] = place.folder.glob("annotator-bench-*")
            for pid in machine.processes_in(folder):
                os.kill(pid, signal.SIGKILL)
        return (yield from submit(member, notes, assignment_id, chance))

    monkeypatch.setattr(crowd, "submit", killing)
    facts = short(place, pace=0.5, seconds=2)
    assert 1 <= facts["annotations"] <= 4  # one may be on its way when the server is killed
    assert facts["errors"] > 0
    assert {"submit: no answer", "claim: no answer", "server: it ended"} <= set(facts["what_went_wrong"])
    assert facts["lost"] == 0  # what was acknowledged before is there
    assert "errors" in (wrong(facts) or "")
    assert "each one piece of work in 0.5 s" in claim(facts)
    assert place.left() == set()


def test_the_overlap_is_raised_as_needed_and_no_further() -> None:
    assert Plan(prompts=100_000, people=32).overlap == 1
    assert Plan(prompts=10_000, people=32).overlap == 5
    assert Plan(prompts=1_000, people=32).overlap == 32
    assert Plan(prompts=1_000, people=1).overlap == 1
