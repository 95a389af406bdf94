"""Who may do what, as a matrix written by hand: role by action by state. It does not read the table it tests."""

from pathlib import Path

import pytest

from annotator.errors import Forbidden
from annotator.permissions import OPERATOR, VISITOR, Actor, Permission, as_markdown, may, permit

HERE, ELSEWHERE = 7, 8  # two languages
ME, OTHER = 1, 2  # two people

ROLES = {
    "visitor": VISITOR,
    "owner": Actor(person_id=ME),
    "stranger": Actor(person_id=3),
    "ambassador": Actor(person_id=4, ambassador_of=frozenset({HERE})),
    "foreign ambassador": Actor(person_id=5, ambassador_of=frozenset({ELSEWHERE})),
    "ambassador and owner": Actor(person_id=ME, ambassador_of=frozenset({HERE})),
    "maintainer": Actor(person_id=6, maintainer=True),
    "operator": OPERATOR,
}

STATES = ("in_review", "changes_requested", "accepted", "accepted_with_edits", "declined", "withdrawn", "practice")
EVERY = set(STATES)
LIVE = EVERY - {"withdrawn", "practice"}
OWN = EVERY - {"withdrawn"}  # practice work can be taken back too
BEFORE_DECISION = {"in_review", "changes_requested"}
NEVER: set[str] = set()

# For every action and role: the states of a thing that belongs to ME, in the language HERE, in which it is allowed.
# A role that is not named may never.
EXPECTED: dict[Permission, dict[str, set[str]]] = {
    Permission.PEOPLE_ADD: {"maintainer": EVERY, "operator": EVERY},
    Permission.ROLE_GRANT: {"maintainer": EVERY, "operator": EVERY},
    Permission.PROFILE_CHANGE: {"owner": EVERY, "ambassador and owner": EVERY},
    Permission.TOKEN_CHANGE: {"owner": EVERY, "ambassador and owner": EVERY, "operator": EVERY},
    Permission.LANGUAGE_ADD: {"maintainer": EVERY, "operator": EVERY},
    Permission.LANGUAGE_EDIT: {
        "ambassador": EVERY,
        "ambassador and owner": EVERY,
        "maintainer": EVERY,
        "operator": EVERY,
    },
    Permission.LANGUAGE_PROTECT: {"maintainer": EVERY, "operator": EVERY},
    Permission.AMBASSADOR_APPOINT: {"maintainer": EVERY, "operator": EVERY},
    Permission.DOCUMENT_ADOPT: {"maintainer": EVERY, "operator": EVERY},
    Permission.DOCUMENT_CONFIRM: {
        "stranger": EVERY,
        "ambassador": EVERY,
        "foreign ambassador": EVERY,
        "maintainer": EVERY,
        "operator": EVERY,
    },
    Permission.CONSENT_CHANGE: {"owner": EVERY, "ambassador and owner": EVERY},
    Permission.PROJECT_MANAGE: {"maintainer": EVERY, "operator": EVERY},
    Permission.PROMPTS_IMPORT: {"maintainer": EVERY, "operator": EVERY},
    Permission.WORK_CLAIM: {
        "owner": EVERY,
        "stranger": EVERY,
        "ambassador": EVERY,
        "foreign ambassador": EVERY,
        "ambassador and owner": EVERY,
        "maintainer": EVERY,
    },
    Permission.ASSIGNMENT_USE: {"owner": EVERY, "ambassador and owner": EVERY},
    Permission.ANNOTATION_READ: {
        "owner": EVERY,
        "ambassador": LIVE,
        "ambassador and owner": EVERY,
        "maintainer": LIVE,
    },
    Permission.ANNOTATION_REVISE: {"owner": BEFORE_DECISION, "ambassador and owner": BEFORE_DECISION},
    Permission.ANNOTATION_WITHDRAW: {"owner": OWN, "ambassador and owner": OWN, "operator": OWN},
    Permission.ANNOTATION_LINK: {"owner": OWN, "ambassador": LIVE, "ambassador and owner": OWN},
    Permission.ANNOTATION_MEND: {"owner": LIVE, "ambassador": LIVE, "ambassador and owner": LIVE},
    Permission.REVIEW_QUEUE: {"ambassador": EVERY, "ambassador and owner": EVERY},
    Permission.REVIEW_DECIDE: {"ambassador": {"in_review"}},
    # Also no ambassador: whoever reviews a language has no power over who may be in it.
    Permission.RIGHTS_DECIDE: {"maintainer": EVERY, "operator": EVERY},
    Permission.ACCOUNT_LEAVE: {"owner": EVERY, "ambassador and owner": EVERY, "operator": EVERY},
    Permission.DATA_EXPORT: {"owner": EVERY, "ambassador and owner": EVERY, "operator": EVERY},
    Permission.PROMPT_JUDGE: {
        "ambassador": EVERY,
        "ambassador and owner": EVERY,
        "maintainer": EVERY,
        "operator": EVERY,
    },
    Permission.RELEASE_PREVIEW: {"maintainer": EVERY, "operator": EVERY},
    Permission.RELEASE_PUBLISH: {"maintainer": EVERY, "operator": EVERY},
}


def test_every_permission_is_in_the_matrix() -> None:
    assert set(EXPECTED) == set(Permission)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("permission", Permission)
def test_matrix(permission: Permission, role: str, state: str) -> None:
    expected = state in EXPECTED[permission].get(role, NEVER)
    facts = {"owner_id": ME, "language_id": HERE, "state": state}
    assert may(ROLES[role], permission, **facts) is expected
    if expected:
        permit(ROLES[role], permission, **facts)
    else:
        with pytest.raises(Forbidden) as refused:
            permit(ROLES[role], permission, **facts)
        assert refused.value.code == "not_permitted"


@pytest.mark.parametrize("permission", [Permission.ANNOTATION_WITHDRAW, Permission.ANNOTATION_REVISE])
def test_a_thing_without_an_owner_is_nobodys(permission: Permission) -> None:
    assert not may(VISITOR, permission, owner_id=None, state="in_review")


def test_the_docs_print_this_table() -> None:
    printed = (Path(__file__).resolve().parents[1] / "docs" / "permissions.md").read_text(encoding="utf-8")
    assert printed.endswith(as_markdown())
