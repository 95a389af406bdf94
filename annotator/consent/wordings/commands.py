"""`annotator documents`: what people agree to, from draft to adoption, and the word of native readers."""

from pathlib import Path
from typing import Any

import click

from annotator.accounts import queries as accounts
from annotator.consent import queries as documents
from annotator.consent.actions import KINDS
from annotator.consent.models import Document
from annotator.consent.wordings import actions, mails, queries, rules
from annotator.permissions import OPERATOR
from annotator.settings import load
from annotator.web.commandline import refuse, report, session_scope

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_KIND = click.argument("kind", type=click.Choice(KINDS), metavar="KIND")
_VERSION = click.argument("version", type=int)
_LANGUAGE = click.argument("language")


@click.group("documents")
def group() -> None:
    """What people agree to: versions, translations and drafts. KIND is terms, privacy or gated-terms."""


@group.command("list")
@_JSON
def list_documents(*, as_json: bool) -> None:
    """List every document in every language, and the drafts."""
    with session_scope() as session:
        kinds = queries.listed(session)
        facts = [_facts(document) for kind in kinds for document in kind.documents]
        drafts = [
            {"kind": kind.kind, "language": draft.language, "saved_at": draft.saved_at, "saved_by": draft.saved_by}
            for kind in kinds
            for draft in kind.drafts
        ]
    if as_json:
        report({"documents": facts, "drafts": drafts})
        return
    for one in facts:
        click.echo(
            f"{one['kind']} {one['version']} {one['language']}  {one['state']}  {one['sha256'][:12]}  {one['title']}"
        )
    for one in drafts:
        click.echo(f"{one['kind']} {one['language']}  draft, saved {one['saved_at']:%Y-%m-%d %H:%M} UTC")


@group.command("show")
@_KIND
@click.option("--version", type=int, help="An older version; without it the newest.")
@click.option("--language", default="", help="A translation, such as yo; without it the text that counts.")
@click.option("--changes", is_flag=True, help="What is different from the version before: [-gone-] and {+come+}.")
@_JSON
def show(*, kind: str, version: int | None, language: str, changes: bool, as_json: bool) -> None:
    """Print one text of KIND."""
    with session_scope() as session:
        number = version or documents.current_document(session, kind).version
        document = (
            queries.exact(session, kind, number, language) if language else documents.document(session, kind, number)
        )
        facts = {**_facts(document), "body": document.body}
        before = queries.before(session, document) if changes else None
        spans = rules.compare(before.body, document.body) if before else []
    if as_json:
        report({**facts, **({"changes": [span._asdict() for span in spans]} if changes else {})})
    elif changes:
        marks = {"equal": "{}", "delete": "[-{}-]", "insert": "{{+{}+}}"}
        click.echo("".join(marks[span.op].format(span.text) for span in spans), nl=False)
    else:
        click.echo(facts["body"], nl=False)


@group.command("draft")
@_KIND
@_LANGUAGE
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--title", required=True, help="The heading of the page.")
@_JSON
def draft(*, kind: str, language: str, file: Path, title: str, as_json: bool) -> None:
    """Keep FILE (Markdown) as the draft of KIND in LANGUAGE, over what was kept before; nobody is asked anything yet."""
    try:
        body = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        refuse(f"{file} is no text in UTF-8 that can be read: save it as UTF-8, or name another file.")
    with session_scope(writes=True) as session:
        saved = actions.save_draft(session, actor=OPERATOR, kind=kind, language=language, title=title, body=body)
        becomes = queries.next_of(session, kind, language)
        facts = {
            "kind": kind,
            "language": saved.language,
            "becomes": becomes.version,
            "authoritative": becomes.authoritative,
        }
    if as_json:
        report(facts)
    else:
        what = "the text that counts" if becomes.authoritative else "a translation"
        click.echo(
            f"Kept. Adopted, it is {what} of version {becomes.version}: annotator documents adopt {kind} {language}"
        )


@group.command("adopt")
@_KIND
@_LANGUAGE
@click.option(
    "--widens/--same-terms",
    default=True,
    help="Whether the terms let others do more, so that everybody is asked again; if in doubt, they do.",
)
@_JSON
def adopt(*, kind: str, language: str, widens: bool, as_json: bool) -> None:
    """Put the draft of KIND in LANGUAGE in force; it never changes then."""
    with session_scope(writes=True) as session:
        kept = queries.draft(session, kind, language)
        seen = rules.sum_of(kept.title, kept.body) if kept else ""
        document = actions.adopt_draft(session, actor=OPERATOR, kind=kind, language=language, seen=seen, widens=widens)
        facts = _facts(document)
    if as_json:
        report(facts)
    else:
        click.echo(f"In force: {kind} {facts['version']} {language}, SHA-256 {facts['sha256']}.")


@group.command("confirm")
@_KIND
@_VERSION
@_LANGUAGE
@click.argument("email")
@_JSON
def confirm(*, kind: str, version: int, language: str, email: str, as_json: bool) -> None:
    """Note that EMAIL, a native reader or ambassador, read the translation and that it says what the original says."""
    with session_scope(writes=True) as session:
        document = queries.exact(session, kind, version, language)
        actions.confirm(session, actor=OPERATOR, document=document, reader=accounts.the_person(session, email))
        facts = _facts(document)
    if as_json:
        report(facts)
    else:
        click.echo(f"Confirmed: {kind} {version} {language}.")


@group.command("wrong")
@_KIND
@_VERSION
@_LANGUAGE
@click.option("--reason", required=True, help="A few words for the log; names nobody.")
@_JSON
def wrong(*, kind: str, version: int, language: str, reason: str, as_json: bool) -> None:
    """Mark a translation as wrong: who decided beside it is asked anew, their texts stay out of releases until then."""
    with session_scope(writes=True) as session:
        document = queries.exact(session, kind, version, language)
        people = actions.mark_wrong(session, actor=OPERATOR, document=document, reason=reason)
        mails.wrong(session, document, people, load().public_url)
    if as_json:
        report({"kind": kind, "version": version, "language": language, "people": len(people)})
    else:
        click.echo(f"Marked. {len(people)} people who read it get a letter and are asked to decide anew.")


def _facts(document: Document) -> dict[str, Any]:
    state = "confirmed" if document.confirmed_at else "unconfirmed"
    if document.authoritative or document.wrong_at:
        state = "counts" if document.authoritative else "wrong"
    return {
        "kind": document.kind,
        "version": document.version,
        "language": document.language,
        "title": document.title,
        "sha256": document.sha256,
        "state": state,
        "widens": document.widens,
        "effective_from": document.effective_from,
        "confirmed_at": document.confirmed_at,
        "wrong_at": document.wrong_at,
    }
