"""Our table of varieties: complete, consistent, and with names in their own script."""

import csv
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from annotator.languages import actions, queries, rules, scripts, varieties
from annotator.permissions import OPERATOR

# What each file name of the collection of translated sentences means, written out by hand where it is not plain.
NOT_PLAIN = {
    "zho-CN": "zho_Hans", "zho-TW": "zho_Hant", "srp-Cyrl": "srp_Cyrl", "srp-Latn": "srp_Latn", "hmn": "hmn_Latn",
    "fuc": "fuc_Latn", "mey": "mey_Arab", "shi": "shi_Arab", "aze-Latn": "azj_Latn", "ckb-Arab": "ckb_Arab",
    "arb": "arb_Arab", "fas": "pes_Arab", "lav": "lvs_Latn", "mlg": "plt_Latn", "mon": "khk_Cyrl", "msa": "zsm_Latn",
    "nep": "npi_Deva", "orm": "gaz_Latn", "pus": "pus_Arab", "sqi": "als_Latn", "swa": "swh_Latn", "uzb": "uzn_Latn",
    "yue": "yue_Hant", "yor": "yor_Latn", "prs": "prs_Arab", "uig": "uig_Arab", "tat": "tat_Cyrl", "div": "div_Thaa",
}  # fmt: skip


def test_every_row_is_a_code_and_no_code_stands_twice() -> None:
    codes = [row.code for row in varieties.known()]
    assert all(rules.CODE.fullmatch(code) and scripts.is_script(code[4:]) for code in codes)
    assert len(set(codes)) == len(codes) == 199
    assert codes == sorted(codes)


def test_another_code_means_one_variety_only_and_is_none_of_ours() -> None:
    others = [other.lower() for row in varieties.known() for other in row.also]
    assert len(set(others)) == len(others)
    assert not {other.replace("-", "_") for other in others} & {row.code.lower() for row in varieties.known()}


def test_two_varieties_of_one_script_have_two_english_names() -> None:
    names = [(row.script, rules.fold(row.english_name)) for row in varieties.known()]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("row", varieties.known(), ids=lambda row: row.code)
def test_an_autonym_is_in_its_own_script(row: varieties.Variety) -> None:
    assert row.autonym is None or scripts.is_in_script(row.autonym, row.script)


def test_our_own_autonyms_say_something_that_the_libraries_do_not() -> None:
    same = [r.code for r in varieties.known() if r.own_autonym == varieties.library_autonym(r.iso639_3, r.script)]
    assert [code for code in same if varieties.library_autonym(code[:3], code[4:])] == []


def test_nearly_every_variety_has_an_autonym() -> None:
    assert [row.code for row in varieties.known() if row.autonym is None] == [
        "acq_Arab", "arb_Latn", "cjk_Latn", "knc_Arab", "taq_Latn",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "autonym"),
    [
        ("yor_Latn", "Èdè Yorùbá"), ("arb_Arab", "العربية"), ("hin_Deva", "हिन्दी"), ("jpn_Jpan", "日本語"),
        ("srp_Cyrl", "српски"), ("srp_Latn", "srpski"), ("zho_Hant", "中文"), ("kas_Deva", "कॉशुर"),
        ("tgl_Latn", "Tagalog"), ("fil_Latn", "Filipino"), ("tuk_Latn", "türkmen dili"), ("uig_Arab", "ئۇيغۇرچە"),
    ],
)  # fmt: skip
def test_autonym(code: str, autonym: str) -> None:
    assert next(row for row in varieties.known() if row.code == code).autonym == autonym


def test_every_variety_of_the_published_table_is_here_with_its_direction(real_data: Path) -> None:
    with (real_data / "languages.tsv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert len(rows) == 182
    ours = {row.code for row in varieties.known()}
    assert {f"{row['iso639_3']}_{row['script']}" for row in rows} <= ours
    assert [row for row in rows if rules.direction_of(row["script"]) != row["direction"]] == []


def test_every_file_name_of_the_sentences_means_a_variety_of_its_own(session: Session, real_data: Path) -> None:
    actions.sync(session, actor=OPERATOR)
    names = sorted(path.stem for path in (real_data / "ntrex").glob("*.txt"))
    assert len(names) == 122
    meant = {name: queries.resolve(session, name) for name in names}
    assert len({language.code for language in meant.values()}) == 122
    for name, language in meant.items():
        assert language.code == NOT_PLAIN.get(name, language.code)
        sentences = (real_data / "ntrex" / f"{name}.txt").read_text(encoding="utf-8")
        assert scripts.is_in_script(sentences, language.script), name


@pytest.mark.parametrize(("name", "code"), NOT_PLAIN.items())
def test_what_a_name_without_a_script_means_stands_in_our_table(name: str, code: str) -> None:
    assert varieties.by_other_code().get(name.lower(), name.replace("-", "_")) == code
