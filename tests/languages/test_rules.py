"""Codes, tags, directions and names of varieties."""

from datetime import UTC, datetime, timedelta

import pytest
import regex
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st
from langcodes import tag_is_valid
from langcodes.data_dicts import NORMALIZED_MACROLANGUAGES

from annotator.errors import Invalid
from annotator.languages import rules, scripts, varieties
from annotator.web.wording import words

# The variants that ISO 15924 tells apart and Unicode does not.
VARIANTS_OF_RIGHT_TO_LEFT = {"Aran", "Syre", "Syrj", "Syrn"}
ISO_15924 = sorted(
    {
        *(s for s in map(str, Locale("en").scripts) if not s.startswith("Z")),
        *rules.RIGHT_TO_LEFT_SCRIPTS,
        "Sidt",
        "Todr",
        "Gara",
        "Berf",
        "Tutg",
    }
)


def letters_with_bidi(*classes: str) -> str:
    """Return every letter of Unicode with one of these bidi classes."""
    wanted = regex.compile("(?V1)[\\p{L}&&[" + "".join(rf"\p{{bc={name}}}" for name in classes) + "]]")
    return "".join(c for c in map(chr, range(0x110000)) if not "\ud800" <= c <= "\udfff" and wanted.match(c))


def test_our_table_of_directions_is_what_unicode_says_of_every_script() -> None:
    right_to_left = letters_with_bidi("R", "AL")
    by_unicode = set()
    for script in ISO_15924:
        try:
            if regex.search(rf"\p{{Script={script}}}", right_to_left):
                by_unicode.add(script)
        except regex.error:  # not in Unicode (yet), or a mixture
            continue
    assert by_unicode == rules.RIGHT_TO_LEFT_SCRIPTS - VARIANTS_OF_RIGHT_TO_LEFT


def test_no_right_to_left_letter_is_left_out_of_our_table() -> None:
    ours = "".join(rf"\p{{Script={s}}}" for s in rules.RIGHT_TO_LEFT_SCRIPTS - VARIANTS_OF_RIGHT_TO_LEFT)
    left_out = regex.sub(f"[{ours}]", "", letters_with_bidi("R", "AL"))
    assert regex.sub(r"\p{Script=Common}", "", left_out) == ""


@pytest.mark.parametrize("script", ["Latn", "Cyrl", "Deva", "Hans", "Jpan", "Mong", "Todr", "Tfng", "Ethi", "Zzzz"])
def test_other_scripts_run_from_left_to_right(script: str) -> None:
    assert rules.direction_of(script) == "ltr"


@pytest.mark.parametrize("script", ["Arab", "Hebr", "Thaa", "Nkoo", "Syrc", "Adlm", "Aran", "Rohg", "Mand", "Yezi"])
def test_these_run_from_right_to_left(script: str) -> None:
    assert rules.direction_of(script) == "rtl"


@pytest.mark.parametrize(
    ("code", "tag"),
    [
        ("yor_Latn", "yo-Latn"), ("arb_Arab", "ar-Arab"), ("arb_Latn", "ar-Latn"), ("cmn_Hans", "zh-Hans"),
        ("zho_Hant", "zh-Hant"), ("swh_Latn", "sw-Latn"), ("npi_Deva", "ne-Deva"), ("als_Latn", "sq-Latn"),
        ("pes_Arab", "fa-Arab"), ("zsm_Latn", "ms-Latn"), ("khk_Cyrl", "mn-Cyrl"), ("ory_Orya", "or-Orya"),
        ("ydd_Hebr", "yi-Hebr"), ("est_Latn", "et-Latn"), ("heb_Hebr", "he-Hebr"), ("jav_Latn", "jv-Latn"),
        # these are not what the macrolanguage's code means
        ("yue_Hant", "yue-Hant"), ("ary_Arab", "ary-Arab"), ("arz_Arab", "arz-Arab"), ("apc_Arab", "apc-Arab"),
        ("azb_Arab", "azb-Arab"), ("pbt_Arab", "pbt-Arab"), ("prs_Arab", "prs-Arab"), ("ckb_Arab", "ckb-Arab"),
        ("fuv_Latn", "fuv-Latn"), ("wuu_Hans", "wuu-Hans"),
        # Tagalog is not turned into Filipino, nor Filipino into Tagalog
        ("tgl_Latn", "tl-Latn"), ("fil_Latn", "fil-Latn"), ("ajp_Arab", "ajp-Arab"), ("srp_Latn", "sr-Latn"),
        ("yor_Latn_ekiti", "yo-Latn-x-ekiti"), ("mis_Latn_maihogewi", "mis-Latn-x-maihogew-i"),
    ],
)  # fmt: skip
def test_tag(code: str, tag: str) -> None:
    iso639_3, script, *variety = code.split("_")
    assert rules.bcp47_tag(iso639_3, script, *variety) == tag
    assert tag_is_valid(tag)


def test_dominant_members_are_those_of_cldr() -> None:
    assert rules.DOMINANT_MEMBERS.items() <= NORMALIZED_MACROLANGUAGES.items() | {("cmn", "zh")}


@given(st.from_regex(r"[a-z0-9]{2,40}", fullmatch=True))
def test_a_variety_makes_a_tag_that_is_well_formed(variety: str) -> None:
    tag = rules.bcp47_tag("mis", "Latn", variety)
    assert regex.fullmatch(r"mis-Latn-x(-[a-z0-9]{1,8})+", tag)
    assert tag.partition("-x-")[2].replace("-", "") == variety


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("yo", "Latn", None), "language_iso_wrong"),
        (("YOR", "Latn", None), "language_iso_wrong"),
        (("yor", "latn", None), "language_script_wrong"),
        (("yor", "Qqqq", None), "language_script_wrong"),
        (("yor", "Zyyy", None), "language_script_wrong"),
        (("yor", "Latn", "Èkìtì"), "language_variety_wrong"),
        (("yor", "Latn", "x"), "language_variety_wrong"),
        (("mis", "Latn", None), "language_variety_missing"),
        (("mis", "Latn", ""), "language_variety_missing"),
    ],
)
def test_a_code_that_cannot_be_is_refused(arguments: tuple[str, str, str | None], code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        rules.checked_code(*arguments)
    assert refusal.value.code == code


def test_a_code_that_can_be() -> None:
    assert rules.checked_code("yor", "Latn", "") == "yor_Latn"
    assert rules.checked_code("mis", "Tfng", "maihogewi") == "mis_Tfng_maihogewi"
    assert rules.checked_code("wol", "Gara", None) == "wol_Gara", "a script newer than Babel's list"


@pytest.mark.parametrize(
    ("autonym", "tag", "script", "shown"),
    [
        ("српски", "sr-Cyrl", "Cyrl", "српски (ћирилица)"),
        ("srpski", "sr-Latn", "Latn", "srpski (latinica)"),
        ("中文", "zh-Hans", "Hans", "中文\uff08简体\uff09"),
        ("中文", "zh-Hant", "Hant", "中文\uff08繁體\uff09"),
        ("Bahsa Acèh", "ace-Latn", "Latn", "Bahsa Acèh"),  # its letters tell
        ("Bahsa Acèh", "ace-Arab", "Arab", "Bahsa Acèh (Arabic script)"),  # these do not
        ("العربية", "ar-Arab", "Arab", "العربية"),  # the script has the language's name
        ("吳語", "wuu-Hant", "Hant", "吳語\uff08traditional characters\uff09"),
    ],
)
def test_two_scripts_of_a_language_are_told_apart_in_its_own_name(
    autonym: str, tag: str, script: str, shown: str
) -> None:
    assert rules.own_name(autonym, tag, script, told_apart=True) == shown
    assert rules.own_name(autonym, tag, script, told_apart=False) == autonym


def test_two_scripts_of_a_language_are_told_apart_in_english() -> None:
    assert rules.name_in_english("Serbian", "Cyrl", told_apart=True) == "Serbian, Cyrillic script"
    assert rules.name_in_english("Chinese", "Hans", told_apart=True) == "Chinese, simplified characters"
    assert rules.name_in_english("Serbian", "Cyrl", told_apart=False) == "Serbian"


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("yoruba", ("Èdè Yorùbá", "Yoruba")), ("EDE", ("Èdè Yorùbá",)), ("yorùbá", ("Yoruba",)),
        ("fongbe", ("Fɔngbe",)), ("eʋe", ("Ewe", "eve")), ("olelo", ("ʻŌlelo Hawaiʻi",)), ("hawaii", ("ʻŌlelo Hawaiʻi",)),  # noqa: RUF001  # these letters are what is tested
        ("العربيه", ("العربيه",)), ("हिन्दी", ("हिन्दी",)), ("한국", ("한국어",)), ("yor latn", ("yor_Latn",)),
        ("serbian cyr", ("Serbian", "Cyrillic script")), ("istanbul", ("İstanbul",)), ("ß", ("STRASSE",)), ("", ("x",)),
    ],
)  # fmt: skip
def test_search_finds(query: str, names: tuple[str, ...]) -> None:
    assert rules.is_found(query, names)


@pytest.mark.parametrize(("query", "names"), [("yoruba", ("Igbo", None)), ("hindi", ("हिन्दी",)), ("b a", ("bb", "cc"))])
def test_search_does_not_find(query: str, names: tuple[str | None, ...]) -> None:
    assert not rules.is_found(query, names)


@given(st.text(max_size=40))
def test_whatever_is_searched_finds_itself(text: str) -> None:
    assert rules.is_found(text, [text])
    assert rules.fold(rules.fold(text)) == rules.fold(text)


def test_nearest() -> None:
    names = [("yor_Latn", "Yoruba"), ("yor_Latn", "yor_Latn"), ("srp_Cyrl", "srp_Cyrl"), ("srp_Latn", "srp_Latn"),
             ("swe_Latn", "Swedish"), ("swe_Latn", "swe_Latn")]  # fmt: skip
    assert rules.nearest("yoruva", names) == ["yor_Latn"]
    assert rules.nearest("srp", names) == ["srp_Cyrl", "srp_Latn"]
    assert rules.nearest("swed", names) == ["swe_Latn"]
    assert rules.nearest("qqq", names) == []
    assert rules.nearest(" ", names) == []


def test_a_term_lasts_a_year_and_three_at_most() -> None:
    start = datetime(2025, 3, 1, tzinfo=UTC)
    assert rules.term_end(start, None) == datetime(2026, 3, 1, tzinfo=UTC)
    assert rules.term_end(start, start + timedelta(days=30)) == start + timedelta(days=30)
    for until, code in ((start, "term_past"), (start + timedelta(days=1100), "term_too_long")):
        with pytest.raises(Invalid) as refusal:
            rules.term_end(start, until)
        assert refusal.value.code == code


def test_scripts_that_are_no_script_are_refused() -> None:
    assert [s for s in ("Latn", "Zyyy", "Zxxx", "Hans", "Sidt", "Xxxx") if scripts.is_script(s)] == [
        "Latn", "Hans", "Sidt",
    ]  # fmt: skip


@pytest.mark.parametrize("iso639_3", ["zzz", "ger", "quu"])
def test_a_code_that_is_none_of_iso_639_3_is_refused(iso639_3: str) -> None:
    # Nobody's, German in ISO 639-2/B, and one just outside those for private use.
    with pytest.raises(Invalid) as refusal:
        rules.checked_code(iso639_3, "Latn", None)
    assert refusal.value.code == "language_iso_unknown"
    assert "mis" in words(refusal.value)


def test_every_code_of_our_table_and_the_private_ones_can_be_added() -> None:
    for code in ("deu", "hbs", "qaa", "qtz", *(row.iso639_3 for row in varieties.known())):
        assert rules.checked_code(code, "Latn", None) == f"{code}_Latn"
