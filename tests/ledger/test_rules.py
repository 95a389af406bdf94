"""How an entry is hashed: vectors written by hand from rights-model §2.4, with nothing of the program in them."""

import hashlib
import hmac

import pytest

from annotator.ledger import rules

ENTRY = {
    "seq": 2,
    "prev": "ab" * 32,
    "time": "2026-11-21T12:00:00+00:00",
    "type": "consent.given",
    "subject_ref": None,
    "document_sha256": "cd" * 32,
    "commitment": "ef" * 32,
}
# RFC 8785: keys in order, no spaces.
CANONICAL = (
    '{"commitment":"' + "ef" * 32 + '","document_sha256":"' + "cd" * 32 + '","prev":"' + "ab" * 32 + '","seq":2,'
    '"subject_ref":null,"time":"2026-11-21T12:00:00+00:00","type":"consent.given"}'
)


def test_an_entry_is_hashed_over_its_canonical_form() -> None:
    assert rules.entry_hash(ENTRY) == hashlib.sha256(CANONICAL.encode()).hexdigest()


def test_what_stands_beside_an_entry_is_not_hashed() -> None:
    assert rules.entry_hash({**ENTRY, "hash": "x", "kept": 1}) == rules.entry_hash(ENTRY)


@pytest.mark.parametrize("name", rules.FIELDS)
def test_every_field_counts(name: str) -> None:
    assert rules.entry_hash({**ENTRY, name: "other"}) != rules.entry_hash(ENTRY)


def test_the_first_entry_follows_64_zeros() -> None:
    assert rules.GENESIS == "0" * 64


def test_a_person_has_another_pseudonym_in_every_entry() -> None:
    expected = hmac.new(b"k" * 32, b"7", hashlib.sha256).hexdigest()
    assert rules.subject_ref(b"k" * 32, 7) == expected
    assert rules.subject_ref(b"k" * 32, 8) != expected
    assert rules.subject_ref(b"l" * 32, 7) != expected


def test_a_commitment_is_over_salt_and_canonical_payload() -> None:
    assert (
        rules.commitment(b"salt", {"b": 1, "a": "ọ̀"})
        == hashlib.sha256(b"salt" + '{"a":"ọ̀","b":1}'.encode()).hexdigest()
    )
    assert rules.commitment(b"tlas", {"b": 1, "a": "ọ̀"}) != rules.commitment(b"salt", {"b": 1, "a": "ọ̀"})


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({}, None),
        ({"key": None}, None),
        ({"payload": '{"a": 2}'}, "payload"),
        ({"payload": "null"}, "payload"),
        ({"payload": "{"}, "payload"),
        ({"payload": "1e400"}, "payload"),
        ({"salt": b"other"}, "payload"),
        ({"person_id": None}, "subject"),
        ({"subject_ref": None}, "subject"),
        ({"key": b"another's"}, "subject"),
    ],
)
def test_what_is_kept_of_an_entry_must_fit_it(change: dict[str, object], fault: str | None) -> None:
    row = {
        "seq": 3,
        "subject_ref": rules.subject_ref(b"key", 3),
        "commitment": rules.commitment(b"salt", {"a": 1}),
        "person_id": 5,
        "salt": b"salt",
        "payload": '{"a": 1}',
        "key": b"key",
    }
    assert rules.fault_of_payload({**row, **change}) == fault
