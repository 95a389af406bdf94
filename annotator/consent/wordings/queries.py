"""Ask about documents and their drafts: what there is, what comes next, and who can confirm a translation."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator.consent import queries
from annotator.consent.actions import KINDS
from annotator.consent.models import ConsentEvent, Document, DocumentDraft
from annotator.consent.wordings import rules
from annotator.errors import NotFound
from annotator.languages import queries as languages
from annotator.languages.models import Speaker


@dataclass(frozen=True)
class Kind:
    """A kind of document: its versions, newest first and each text that counts before its translations; its drafts."""

    kind: str
    documents: list[Document]
    drafts: list[DocumentDraft]

    @property
    def original(self) -> Document | None:
        """The newest text that counts."""
        return next((document for document in self.documents if document.authoritative), None)


@dataclass(frozen=True)
class Next:
    """What a draft becomes when it is adopted, and the text that it is compared with (None: there was none)."""

    version: int
    authoritative: bool
    before: Document | None


def listed(session: Session) -> list[Kind]:
    """Return every kind of document with all that there is of it."""
    documents = list(session.scalars(select(Document)))
    drafts = list(session.scalars(select(DocumentDraft).order_by(DocumentDraft.language)))
    documents.sort(key=lambda d: (-d.version, not d.authoritative, d.language))
    return [
        Kind(kind, [d for d in documents if d.kind == kind], [d for d in drafts if d.kind == kind]) for kind in KINDS
    ]


def exact(session: Session, kind: str, version: int, language: str) -> Document:
    """Return one text, in just this language.

    Raises NotFound ``document_unknown`` or ``translation_unknown``.
    """
    found = queries.document(session, kind, version, language)
    if found.language != language:
        raise NotFound("translation_unknown", kind=kind, version=version, language=language)
    return found


def translations(session: Session, original: Document) -> list[Document]:
    """Return the translations of a text, by language; wrong ones too."""
    query = select(Document).where(
        Document.kind == original.kind, Document.version == original.version, Document.authoritative.is_(False)
    )
    return list(session.scalars(query.order_by(Document.language)))


def draft(session: Session, kind: str, language: str) -> DocumentDraft | None:
    """Return what is being written of a kind in a language."""
    query = select(DocumentDraft).where(DocumentDraft.kind == kind, DocumentDraft.language == language)
    return session.scalars(query).one_or_none()


def next_of(session: Session, kind: str, language: str) -> Next:
    """Return what a draft becomes: in the language that counts the next version, in another a translation of the newest.

    Once the newest version has that translation already, the draft is compared with it, and adopting it is refused.
    """
    versions = queries.versions(session, kind)
    if not versions:
        return Next(1, authoritative=True, before=None)
    newest = versions[0]
    if language == newest.language:
        return Next(newest.version + 1, authoritative=True, before=newest)
    return Next(newest.version, authoritative=False, before=_newest(session, kind, language, newest.version))


def before(session: Session, document: Document) -> Document | None:
    """Return the text of the version before in the same language, or of the one before that."""
    return _newest(session, document.kind, document.language, document.version - 1)


def _newest(session: Session, kind: str, language: str, version: int) -> Document | None:
    """Return the newest text in a language up to a version."""
    query = select(Document).where(Document.kind == kind, Document.language == language, Document.version <= version)
    return session.scalars(query.order_by(Document.version.desc()).limit(1)).first()


def reads_it(session: Session, person_id: int, document: Document) -> bool:
    """Say whether a person can confirm a translation: ambassador of its language, or who reads it as their first.

    Nobody who wrote it can.
    """
    if f"person:{person_id}" in (document.writers or []):
        return False
    theirs = {
        language.id
        for language in languages.all_languages(session)
        if rules.same_language(language.bcp47, document.language)
    }
    leads = {term.language_id for term in languages.standing_terms(session) if term.person_id == person_id}
    native = select(Speaker.language_id).where(
        Speaker.person_id == person_id, Speaker.reads, Speaker.level == "native", Speaker.language_id.in_(theirs)
    )
    return bool(theirs & leads) or session.scalar(native.limit(1)) is not None


def shown_to(session: Session, document: Document) -> list[int]:
    """Return the ids of the people who decided anything beside this translation."""
    query = select(ConsentEvent.person_id).where(ConsentEvent.shown_id == document.id).distinct()
    return sorted(session.scalars(query))
