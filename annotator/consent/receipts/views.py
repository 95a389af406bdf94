"""The page of a receipt, its JSON, and the JSON Schema of all of them."""

import json
from datetime import datetime
from importlib import resources

from flask import Blueprint, Response, render_template
from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _

from annotator.consent.about.forms import ALL_LEVEL_WORDS, TOPIC_WORDS
from annotator.consent.forms import ATTRIBUTION_WORDS, PUBLISH_WORDS, RIGHT_WORDS
from annotator.consent.receipts import queries, rules
from annotator.permissions import Permission
from annotator.web.access import current_person, requires
from annotator.web.extensions import db_session, settings

blueprint = Blueprint("receipts", __name__, url_prefix="/receipts")

TYPE_WORDS: dict[str, LazyString] = {
    "consent.given": lazy_gettext("What others may do with my texts"),
    "consent.changed": lazy_gettext("A change of what others may do with my texts"),
    "personal.chosen": lazy_gettext("A choice about myself"),
    "text.withdrawn": lazy_gettext("Texts that I took back"),
    "text.revoked": lazy_gettext("A text that was taken down"),
    "withdrawal.undone": lazy_gettext("Texts that I left here after all"),
    "person.leaving": lazy_gettext("I leave"),
    "person.stayed": lazy_gettext("I stay after all"),
}
STATE_WORDS: dict[str, LazyString] = {
    rules.GIVEN: lazy_gettext("given"),
    rules.REFUSED: lazy_gettext("refused"),
    rules.WITHDRAWN: lazy_gettext("taken back by me"),
    rules.REVOKED: lazy_gettext("ended by somebody else"),
    rules.EXPIRED: lazy_gettext("run out"),
}


@blueprint.app_template_global()
def receipt_words(type_: str) -> str:
    """Return what a receipt is about, in words."""
    return str(TYPE_WORDS[type_])


@blueprint.get("/<int:seq>")
@requires(Permission.CONSENT_CHANGE)
def show(seq: int) -> str:
    """Show one's own receipt."""
    found = queries.receipt(db_session(), current_person().id, seq, queries.party_of(settings()))
    return render_template(
        "consent/receipts/show.html",
        receipt=found,
        decided=[_in_words(one["purpose"], one["granted"]) for one in found["purposes"]],
        events=[(datetime.fromisoformat(one["event_time"]), one) for one in found["events"]],
        type_words=TYPE_WORDS,
        state_words=STATE_WORDS,
        as_json=_json(found),
    )


@blueprint.get("/<int:seq>.json")
@requires(Permission.CONSENT_CHANGE)
def download(seq: int) -> Response:
    """Give one's own receipt as a file."""
    found = queries.receipt(db_session(), current_person().id, seq, queries.party_of(settings()))
    answer = Response(_json(found) + "\n", content_type="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="receipt-{seq}.json"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@blueprint.get("/schema.json")
def schema() -> Response:
    """Give the JSON Schema of receipts, to everybody."""
    file = resources.files("annotator.consent") / "schema" / "receipt.schema.json"
    return Response(file.read_bytes(), content_type="application/schema+json")


def _json(receipt: dict[str, object]) -> str:
    return json.dumps(receipt, ensure_ascii=False, indent=2)


def _in_words(purpose: str, granted: object) -> tuple[str, str]:
    """Return what was decided about, and how, in the words of the form."""
    if purpose == "publish":
        return str(_("It may leave this platform")), str(PUBLISH_WORDS[str(granted)])
    if purpose == "attribution":
        return str(_("Credit")), str(ATTRIBUTION_WORDS[str(granted)])
    if purpose in RIGHT_WORDS:
        return str(_("Others may %(what)s", what=RIGHT_WORDS[purpose])), str(_("yes") if granted else _("no"))
    return str(TOPIC_WORDS[purpose]), str(ALL_LEVEL_WORDS[str(granted)])
