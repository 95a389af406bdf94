"""The readable half of a copy of one's data: one page that needs no network, and a README."""

from collections.abc import Mapping
from datetime import datetime
from html import escape

from flask_babel import gettext as _

from annotator.rights.mydata.parts import Facts

_STYLE = (
    "body{max-width:46rem;margin:auto;padding:1rem;font:1rem/1.5 system-ui,sans-serif}"
    "dl{margin:0 0 1rem;padding:.5rem 1rem;border:1px solid #888;border-radius:.5rem}dl dl{margin:.2rem 0}"
    "dt{font-weight:600}dd{margin:0 0 .3rem;overflow-wrap:anywhere}p{white-space:pre-wrap;margin:0}"
)


def titles() -> dict[str, str]:
    """Return what each kind is called on the page."""
    return {
        "profile": _("Your account"),
        "languages": _("Your languages"),
        "roles": _("Your roles"),
        "contributions": _("Your texts, with every version"),
        "edits": _("Your edits in texts of others"),
        "drafts": _("What you have not handed in"),
        "skips": _("Prompts that you skipped"),
        "reviews-given": _("What you decided as a reviewer"),
        "reviews-received": _("What reviewers said about your texts"),
        "grants": _("What you allowed, and when"),
        "personal-choices": _("What you said about yourself"),
        "receipts": _("Receipts for what you allowed"),
        "proofs": _("Proofs from the ledger"),
        "withdrawals": _("What you took back"),
        "requests": _("What you asked us"),
        "releases": _("Releases that hold your texts"),
        "told": _("What those with copies were told about your texts"),
        "tokens": _("Tokens for scripts"),
        "letters": _("Letters to you"),
        "activity": _("What you did here"),
    }


def head() -> str:
    """Return the beginning of the page."""
    title = escape(_("My data"))
    return (
        '<!doctype html>\n<html lang="en" dir="ltr">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n"
        f"<p>{escape(_('All that this place keeps about you. The files beside this page hold the same for machines.'))}</p>\n"
    )


def begin(kind: str) -> str:
    """Return the heading of a kind."""
    return f'<section>\n<h2 id="{kind}">{escape(titles()[kind])}</h2>\n'


def end(count: int) -> str:
    """Close a kind; say so where there was nothing."""
    return "</section>\n" if count else f"<p>{escape(_('Nothing.'))}</p>\n</section>\n"


def foot() -> str:
    """Return the end of the page."""
    return "</main>\n</body>\n</html>\n"


def block(facts: Facts) -> str:
    """Return facts as a list of words and values; what is not there is left out."""
    lines = [
        f"<dt>{escape(name.replace('_', ' '))}</dt><dd>{_value(value)}</dd>\n"
        for name, value in facts.items()
        if value not in (None, "", [], {})
    ]
    return f"<dl>\n{''.join(lines)}</dl>\n" if lines else ""


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        if {"text", "lang", "dir"} <= value.keys():
            return f'<p lang="{escape(value["lang"])}" dir="{escape(value["dir"])}">{escape(value["text"])}</p>'
        return block(dict(value))
    if isinstance(value, list):
        if value and isinstance(value[0], Mapping):
            return "".join(_value(one) for one in value)
        return escape(", ".join(str(one) for one in value))
    if isinstance(value, bool):
        return escape(_("yes") if value else _("no"))
    # What somebody typed outside a text, such as a note: nobody knows its language, so its letters say the direction.
    return f"<bdi>{escape(str(value))}</bdi>"


def readme(counts: Mapping[str, int], now: datetime) -> str:
    """Return the README of the archive."""
    lines = [
        _("Your data, as it was on %(day)s", day=now.date().isoformat()),
        "",
        _("Open my-data.html to read it. It needs no network."),
        _("The .json files hold the same, and more, for machines: UTF-8, one list for each kind."),
        "",
        *(f"{f'{name}.json':<24} {titles()[name]}: {count}" for name, count in counts.items()),
        "",
        _("A text has four members: text, language (our code), lang (BCP 47), dir (ltr or rtl)."),
        _("Other people are not named: a reviewer is “a reviewer”."),
        "",
        _("proofs.json holds your entries of the ledger, with what they commit to. To check them: python3 check.py"),
        "",
        _("This copy is yours. Keep it safe: it holds your address and all that you wrote."),
    ]
    return "\n".join(lines) + "\n"
