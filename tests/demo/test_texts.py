"""The demo's own writing: enough languages and scripts, sound rows, and a page in docs that tells the truth."""

import re
import unicodedata
from pathlib import Path

from annotator.demo import people, texts, world
from annotator.languages.rules import direction_of
from annotator.languages.varieties import known
from annotator.text import clean

PAGE = Path(__file__).resolve().parents[2] / "docs" / "demo-pool.md"
COLUMNS = {
    "external_id", "instruction", "input", "completion", "language", "instruction_language", "input_language",
}  # fmt: skip


def test_the_pool_has_languages_and_scripts_enough() -> None:
    codes = [code for code, _ in texts.pool()]
    assert len(codes) >= 14
    assert len({code.split("_")[1] for code in codes}) >= 7
    assert len([code for code in codes if direction_of(code.split("_")[1]) == "rtl"]) >= 2
    assert set(codes) <= {variety.code for variety in known()}


def test_every_file_has_prompts_of_both_kinds() -> None:
    for code, rows in texts.pool():
        assert 6 <= len(rows) <= 10, code
        assert any("completion" in row for row in rows), code
        assert any("completion" not in row for row in rows), code
        assert any("input" in row for row in rows), code


def test_every_row_says_what_it_is_in_normal_form() -> None:
    codes = {variety.code for variety in known()}
    ids = []
    for code, rows in texts.pool():
        for row in rows:
            assert set(row) <= COLUMNS
            assert row["language"] == code
            assert {row.get("instruction_language", code), row.get("input_language", code)} <= codes
            for name in ("instruction", "input", "completion"):
                assert row.get(name) is None or clean(row[name]) == row[name], row["external_id"]
            ids.append(row["external_id"])
    assert len(ids) == len(set(ids))


def test_english_instructions_stand_over_other_languages() -> None:
    mixed = [
        row
        for _, rows in texts.pool()
        for row in rows
        if row.get("instruction_language") == "eng_Latn" and row["input_language"] != "eng_Latn"
    ]
    assert {"arb_Arab", "urd_Arab"} <= {row["input_language"] for row in mixed}


def test_what_people_write_belongs_to_a_prompt() -> None:
    with_completion = {row["external_id"]: "completion" in row for _, rows in texts.pool() for row in rows}
    for key, words in texts.words().items():
        assert unicodedata.is_normalized("NFC", words.completion), key
        if words.instruction is not None:
            assert key not in with_completion
        elif key in with_completion:
            assert (words.ratings is not None) == with_completion[key], (
                f"{key}: a re-annotation is rated, an answer not"
            )
        else:
            assert key in {f"eng:{number}" for number in world.A_FEW}


def test_the_sentences_worked_on_are_all_the_first_templates_turn() -> None:
    assert {(number - 1) % len(world.TEMPLATES) for number in world.A_FEW} == {0}


def test_the_story_has_its_cast() -> None:
    handles = [member.handle for member in people.EVERYBODY]
    assert len(handles) == len(set(handles))
    assert len(people.CONTRIBUTORS) >= 12
    assert len({member.writes[0] for member in people.CONTRIBUTORS}) >= 12
    assert len(people.AMBASSADORS) >= 3
    assert {member.preset for member in people.EVERYBODY} == {"open", "noncommercial", "gated", "practice", "custom"}
    reviewed = {code for member in people.AMBASSADORS for code in member.ambassador_of}
    assert {member.writes[0] for member in people.CONTRIBUTORS} <= reviewed


def test_the_page_counts_what_the_files_hold() -> None:
    told = {
        code: (int(prompts), int(words), read)
        for code, prompts, words, read in re.findall(
            r"^\| `(\w+)\.jsonl` \|[^|]+\|[^|]+\| (\d+) \| (\d+) \| ([^|]+) \|$",
            PAGE.read_text(encoding="utf-8"),
            re.MULTILINE,
        )
    }
    place = Path(texts.__file__).parent
    for code, rows in texts.pool():
        file = place / "words" / f"{code}.jsonl"
        n_words = len(file.read_text(encoding="utf-8").splitlines()) if file.exists() else 0
        assert told[code][:2] == (len(rows), n_words), code
        assert told[code][2].strip()
    assert set(told) == {code for code, _ in texts.pool()}
