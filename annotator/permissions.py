"""Who may do what: one enum, small named predicates, one table. The same table is printed in the docs.

An action asks ``permit(actor, Permission.X, …facts…)`` before it does anything; a route declares the permission too.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from annotator.errors import Forbidden


@dataclass(frozen=True)
class Actor:
    """Who acts. Built from the session, the token or the command line only, never from what was sent."""

    person_id: int | None = None
    operator: bool = False
    maintainer: bool = False
    ambassador_of: frozenset[int] = field(default_factory=frozenset)

    @property
    def name(self) -> str:
        """The actor as the audit log writes it."""
        if self.operator:
            return "operator"
        return f"person:{self.person_id}" if self.person_id is not None else "visitor"


VISITOR = Actor()
OPERATOR = Actor(operator=True)


class Scope(StrEnum):
    """What a token may be used for; never more than its person may.

    Read: one's own facts, texts and choices. Work: take work, write, hand in, mend. Review: decide about the texts of
    others. Rights: say what may be done with one's texts, take them back.
    """

    READ = "read"
    WORK = "work"
    REVIEW = "review"
    RIGHTS = "rights"


class Permission(StrEnum):
    """Everything that somebody may or may not do."""

    PEOPLE_ADD = "people.add"
    ROLE_GRANT = "role.grant"
    PROFILE_CHANGE = "profile.change"
    TOKEN_CHANGE = "token.change"  # noqa: S105  # the name of a permission, not a secret
    LANGUAGE_ADD = "language.add"
    LANGUAGE_EDIT = "language.edit"
    LANGUAGE_PROTECT = "language.protect"
    AMBASSADOR_APPOINT = "ambassador.appoint"
    DOCUMENT_ADOPT = "document.adopt"
    DOCUMENT_CONFIRM = "document.confirm"
    CONSENT_CHANGE = "consent.change"
    PROJECT_MANAGE = "project.manage"
    PROMPTS_IMPORT = "prompts.import"
    WORK_CLAIM = "work.claim"
    ASSIGNMENT_USE = "assignment.use"
    ANNOTATION_READ = "annotation.read"
    ANNOTATION_REVISE = "annotation.revise"
    ANNOTATION_WITHDRAW = "annotation.withdraw"
    ANNOTATION_LINK = "annotation.link"
    ANNOTATION_MEND = "annotation.mend"
    RIGHTS_DECIDE = "rights.decide"
    ACCOUNT_LEAVE = "account.leave"
    DATA_EXPORT = "data.export"
    REVIEW_QUEUE = "review.queue"
    REVIEW_DECIDE = "review.decide"
    PROMPT_JUDGE = "prompt.judge"
    RELEASE_PREVIEW = "release.preview"
    RELEASE_PUBLISH = "release.publish"


@dataclass(frozen=True)
class Subject:
    """The facts about the thing acted on that a predicate may look at."""

    owner_id: int | None = None
    language_id: int | None = None
    state: str | None = None


Predicate = Callable[[Actor, Subject], bool]


def signed_in(actor: Actor, _subject: Subject) -> bool:
    """A person is signed in."""
    return actor.person_id is not None


def owner(actor: Actor, subject: Subject) -> bool:
    """The thing is the actor's own."""
    return actor.person_id is not None and actor.person_id == subject.owner_id


def operator(actor: Actor, _subject: Subject) -> bool:
    """The command line."""
    return actor.operator


def maintainer(actor: Actor, _subject: Subject) -> bool:
    """The actor is a maintainer."""
    return actor.maintainer


def ambassador(actor: Actor, subject: Subject) -> bool:
    """The actor is an ambassador of the thing's language."""
    return subject.language_id is not None and subject.language_id in actor.ambassador_of


def not_own(actor: Actor, subject: Subject) -> bool:
    """The thing is somebody else's."""
    return actor.person_id != subject.owner_id


def in_state(*states: str) -> Predicate:
    """The thing is in one of these states."""

    def predicate(_actor: Actor, subject: Subject) -> bool:
        return subject.state in states

    predicate.__doc__ = "the state is " + " or ".join(state.replace("_", " ") for state in states)
    return predicate


def any_of(*predicates: Predicate) -> Predicate:
    """At least one holds."""

    def predicate(actor: Actor, subject: Subject) -> bool:
        return any(p(actor, subject) for p in predicates)

    predicate.__doc__ = " or ".join(describe(p) for p in predicates)
    return predicate


def all_of(*predicates: Predicate) -> Predicate:
    """All of them hold."""

    def predicate(actor: Actor, subject: Subject) -> bool:
        return all(p(actor, subject) for p in predicates)

    predicate.__doc__ = ", and ".join(describe(p) for p in predicates)
    return predicate


def describe(predicate: Predicate) -> str:
    """Return the predicate in words, for the printed table."""
    words = (predicate.__doc__ or "").strip().rstrip(".")
    return words[:1].lower() + words[1:]


_steward = any_of(maintainer, operator)
# The states of an annotation that is neither withdrawn nor practice work, which is its author's alone.
_STANDING = ("in_review", "changes_requested", "accepted", "accepted_with_edits", "declined")

TABLE: dict[Permission, Predicate] = {
    Permission.PEOPLE_ADD: _steward,
    Permission.ROLE_GRANT: _steward,
    Permission.PROFILE_CHANGE: owner,
    Permission.TOKEN_CHANGE: any_of(owner, operator),
    Permission.LANGUAGE_ADD: _steward,
    Permission.LANGUAGE_EDIT: any_of(ambassador, maintainer, operator),
    Permission.LANGUAGE_PROTECT: _steward,
    Permission.AMBASSADOR_APPOINT: _steward,
    Permission.DOCUMENT_ADOPT: _steward,
    # Whether the person is a native reader is asked of their languages, in the action.
    Permission.DOCUMENT_CONFIRM: any_of(all_of(signed_in, not_own), operator),
    Permission.CONSENT_CHANGE: owner,
    Permission.PROJECT_MANAGE: _steward,
    Permission.PROMPTS_IMPORT: _steward,
    Permission.WORK_CLAIM: signed_in,
    Permission.ASSIGNMENT_USE: owner,
    Permission.ANNOTATION_READ: any_of(owner, all_of(any_of(ambassador, maintainer), in_state(*_STANDING))),
    Permission.ANNOTATION_REVISE: all_of(owner, in_state("in_review", "changes_requested")),
    Permission.ANNOTATION_WITHDRAW: all_of(any_of(owner, operator), in_state(*_STANDING, "practice")),
    Permission.RIGHTS_DECIDE: _steward,
    Permission.ACCOUNT_LEAVE: any_of(owner, operator),
    # Also no maintainer: a copy of everything about a person goes to that person.
    Permission.DATA_EXPORT: any_of(owner, operator),
    Permission.ANNOTATION_LINK: any_of(
        all_of(owner, in_state(*_STANDING, "practice")), all_of(ambassador, in_state(*_STANDING))
    ),
    Permission.ANNOTATION_MEND: all_of(any_of(owner, ambassador), in_state(*_STANDING)),
    Permission.REVIEW_QUEUE: ambassador,
    Permission.REVIEW_DECIDE: all_of(ambassador, not_own, in_state("in_review")),
    Permission.PROMPT_JUDGE: any_of(ambassador, maintainer, operator),
    Permission.RELEASE_PREVIEW: _steward,
    Permission.RELEASE_PUBLISH: _steward,
}


def may(actor: Actor, permission: Permission, **facts: object) -> bool:
    """Say whether ``actor`` may; ``facts`` are those of :class:`Subject`."""
    return TABLE[permission](actor, Subject(**facts))  # type: ignore[arg-type]  # the dataclass refuses unknown names


def permit(actor: Actor, permission: Permission, **facts: object) -> None:
    """Raise Forbidden with code ``not_permitted`` unless ``actor`` may."""
    if not may(actor, permission, **facts):
        raise Forbidden("not_permitted", permission=permission.value)


def as_markdown() -> str:
    """Return the table as it stands in ``docs/permissions.md``."""
    rows = [f"| `{permission}` | {describe(predicate)} |" for permission, predicate in TABLE.items()]
    return "\n".join(["| To do this | it must hold that |", "|---|---|", *rows]) + "\n"
