"""What the people of a benchmark do: claim and hand in over the API, sign in and look at the page of their work."""

import random
import re
import secrets
import time
from collections.abc import Generator
from typing import Any

from annotator.accounts.rules import Purpose, sign_link
from annotator.bench import texts
from annotator.bench.client import Answer, Ask, Person, Wait
from annotator.bench.filling import SLUG, Member
from annotator.bench.notes import Notes

CLAIM = f"/api/v1/projects/{SLUG}/assignments"
SUBMIT = "/api/v1/assignments/{id}/submit"
PAGE = f"/projects/{SLUG}/{texts.LANGUAGE}/work/{{id}}"
# After an error a person takes a breath: a server that is down is not to be flooded with tries.
BREATH = 0.25

_FORM_TOKEN = re.compile(rb'name="csrf_token" value="([^"]+)"')

# A part of what somebody does, and what comes of it.
Step = Generator[Ask | Wait, Answer, Any]


def annotate(member: Member, notes: Notes) -> Person:
    """Claim and hand in, one piece of work after the other, as fast as the server answers."""
    chance = random.Random(member.public_id)  # noqa: S311  # it draws words for a text
    while time.monotonic() < notes.span.end:
        begun = time.monotonic()
        assignment_id = yield from claim(member, notes)
        if assignment_id is not None and (yield from submit(member, notes, assignment_id, chance)):
            ended = time.monotonic()
            notes.cycle(ended - begun, ended=ended)
        else:
            yield Wait(time.monotonic() + BREATH)


def annotate_at_a_pace(member: Member, notes: Notes, cookie: str, *, first: float, pace: float) -> Person:
    """Do a piece of work every ``pace`` seconds: claim it, open its page, write for half of the time, hand it in.

    The writing is not counted: a cycle is what the server took for the three.
    """
    chance, turn = random.Random(member.public_id), first  # noqa: S311  # as above
    while turn < notes.span.end:
        yield Wait(turn)
        begun = time.monotonic()
        assignment_id = yield from claim(member, notes)
        if assignment_id is not None:
            yield from look(notes, assignment_id, cookie)
            taken = time.monotonic() - begun
            yield Wait(turn + pace / 2)
            begun = time.monotonic()
            if (yield from submit(member, notes, assignment_id, chance)):
                ended = time.monotonic()
                notes.cycle(taken + ended - begun, ended=ended)
        turn += pace


def claim(member: Member, notes: Notes) -> Step:
    """Ask for the next piece of work; return its number, or None after an error."""
    answer = yield Ask("POST", CLAIM, {"language": texts.LANGUAGE, "kinds": ["answer"]}, _bearer(member))
    if not notes.fits(answer, "claim", 200, 201):
        return None
    said = answer.json()
    if "id" not in said:
        notes.error("claim: nothing left to do", f"{answer.body.decode()} (the pool is too small for these people)")
        return None
    notes.handed_out(member.public_id, said["prompt"]["instruction"]["text"], said["id"])
    return said["id"]


def submit(member: Member, notes: Notes, assignment_id: int, chance: random.Random) -> Step:
    """Hand an answer in, under a key of its own; return whether the server says that it is kept."""
    key = secrets.token_urlsafe(16)
    body = {"completion": texts.answer(chance), "ai_assisted": "no"}
    headers = {**_bearer(member), "Idempotency-Key": key}
    answer = yield Ask("POST", SUBMIT.format(id=assignment_id), body, headers)
    if not notes.fits(answer, "submit", 201):
        return False
    notes.handed_in(key, assignment_id)
    return True


def sign_in(member: Member, notes: Notes, secret: str) -> Step:
    """Sign in by a link as a letter brings it: open it, press the button; return the session's cookie (empty: failed)."""
    address = f"/sign-in/{Purpose.SIGN_IN.value}/{sign_link(secret, Purpose.SIGN_IN, member)}"
    page = yield Ask("GET", address)
    token = _FORM_TOKEN.search(page.body)
    if not notes.fits(page, "sign-in page", 200) or token is None:
        return ""
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": _cookie(page)}
    answer = yield Ask("POST", address, b"csrf_token=" + token[1], headers)
    return _cookie(answer) if notes.fits(answer, "sign-in", 303) else ""


def arrive(member: Member, notes: Notes, secret: str, ready: dict[str, tuple[int, str]]) -> Person:
    """Sign in and have a piece of work reserved; ``ready`` then has its number and the session's cookie."""
    cookie = yield from sign_in(member, notes, secret)
    assignment_id = yield from claim(member, notes)
    if cookie and assignment_id is not None:
        ready[member.public_id] = assignment_id, cookie


def look_again_and_again(notes: Notes, assignment_id: int, cookie: str) -> Person:
    """Open the page of one's reserved work until the span is over."""
    while time.monotonic() < notes.span.end:
        if not (yield from look(notes, assignment_id, cookie)):
            yield Wait(time.monotonic() + BREATH)


def look(notes: Notes, assignment_id: int, cookie: str) -> Step:
    """Open the page of some reserved work; return whether it came, with the form in it."""
    answer = yield Ask("GET", PAGE.format(id=assignment_id), headers={"Cookie": cookie})
    if not notes.fits(answer, "page", 200):
        return False
    if b"<textarea" not in answer.body:
        notes.error("page: no form in it", answer.body.decode("utf-8", "replace"))
        return False
    return True


def _bearer(member: Member) -> dict[str, str]:
    return {"Authorization": f"Bearer {member.token}"}


def _cookie(answer: Answer) -> str:
    return answer.headers.get("set-cookie", "").partition(";")[0]
