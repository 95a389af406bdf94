"""The hint that a text looks like another language: when it speaks, and when it keeps silent."""

import subprocess
import sys
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.languages import varieties
from annotator.quality import clusters
from annotator.quality.language import FEWEST_LETTERS, check


@dataclass(frozen=True)
class Claim:
    """The language that somebody says they wrote."""

    iso639_3: str
    script: str


def claim(code: str) -> Claim:
    return Claim(code[:3], code[4:])


ENGLISH = "The farmers of the valley bring their vegetables to the market early in the morning."
RUSSIAN = "Крестьяне долины рано утром привозят свои овощи на городской рынок."
HINDI = "घाटी के किसान सुबह जल्दी अपनी सब्जियाँ बाज़ार में लाते हैं और शाम को घर लौटते हैं।"
ARABIC = "يجلب مزارعو الوادي خضرواتهم إلى السوق في الصباح الباكر ثم يعودون إلى بيوتهم مساء."
FRENCH = "Les paysans de la vallée apportent leurs légumes au marché tôt le matin."
CROATIAN = "Seljaci iz doline rano ujutro donose svoje povrće na gradsku tržnicu i vraćaju se navečer."
INDONESIAN = "Para petani di lembah itu membawa sayuran mereka ke pasar pada pagi hari dan pulang sore."
CHINESE = "山谷里的农民一大早就把蔬菜带到市场上去卖。傍晚他们才回到自己的家里休息。"
JAPANESE = "谷の農家は朝早く野菜を市場に運び、夕方には家に帰ります。とても楽しい一日です。"
KOREAN = "골짜기의 농부들은 아침 일찍 채소를 시장에 가져오고 저녁에 집으로 돌아갑니다."


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (ENGLISH, "eng_Latn"), (RUSSIAN, "rus_Cyrl"), (HINDI, "hin_Deva"), (ARABIC, "arb_Arab"), (FRENCH, "fra_Latn"),
        (CROATIAN, "hrv_Latn"), (INDONESIAN, "ind_Latn"), (CHINESE, "zho_Hans"), (JAPANESE, "jpn_Jpan"),
        (KOREAN, "kor_Hang"), (KOREAN, "kor_Kore"),
    ],
)  # fmt: skip
def test_a_language_is_plausible_as_itself(text: str, code: str) -> None:
    assert check(text, claim(code)) == {"verdict": "plausible", "detected": None, "detector": "langdetect 1.0.9"}


@pytest.mark.parametrize(
    ("text", "code", "detected"),
    [
        (ENGLISH, "fra_Latn", "eng_Latn"),
        (FRENCH, "eng_Latn", "fra_Latn"),
        (ENGLISH, "zsm_Latn", "eng_Latn"),
        (RUSSIAN, "ukr_Cyrl", "rus_Cyrl"),
        (HINDI, "mar_Deva", "hin_Deva"),
        (ARABIC, "urd_Arab", "arb_Arab"),
        (CHINESE, "jpn_Jpan", "zho_Hans"),
    ],
)
def test_another_language_of_the_same_script_is_suspicious(text: str, code: str, detected: str) -> None:
    found = check(text, claim(code))
    assert (found["verdict"], found["detected"]) == ("suspicious", detected)


@pytest.mark.parametrize(
    ("text", "code", "detected"),
    [
        (ENGLISH, "amh_Ethi", "eng_Latn"),  # langdetect does not know Amharic, its script is enough
        (RUSSIAN, "srp_Latn", "rus_Cyrl"),
        (ARABIC, "arb_Latn", "arb_Arab"),
        (KOREAN, "zho_Hans", "kor_Hang"),
        ("Good", "amh_Ethi", None),  # too short to say which language it is instead
    ],
)
def test_another_script_is_suspicious(text: str, code: str, detected: str | None) -> None:
    found = check(text, claim(code))
    assert (found["verdict"], found["detected"]) == ("suspicious", detected)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (CROATIAN, ["bos_Latn", "srp_Latn", "hrv_Latn"]),
        (INDONESIAN, ["zsm_Latn", "msa_Latn", "ind_Latn"]),
        (ARABIC, ["ary_Arab", "arz_Arab", "apc_Arab", "mey_Arab"]),
        (CHINESE, ["yue_Hant", "zho_Hant", "cmn_Hans", "yue_Hans"]),
        ("Bøndene i dalen bringer grønnsakene sine til markedet tidlig om morgenen.", ["nob_Latn", "nno_Latn"]),
        ("Bönderna i dalen tar sina grönsaker till torget tidigt på morgonen.", ["swe_Latn"]),
        ("Vadinin çiftçileri sabah erkenden sebzelerini pazara getirir.", ["tur_Latn", "azj_Latn"]),
        ("ดีใจที่ได้พบคุณที่ตลาดในตอนเช้าวันนี้ครับ", ["tha_Thai"]),
    ],
)
def test_what_a_text_cannot_tell_apart_is_plausible(text: str, codes: list[str]) -> None:
    assert {code: check(text, claim(code))["verdict"] for code in codes} == dict.fromkeys(codes, "plausible")


@pytest.mark.parametrize("code", ["yor_Latn", "hau_Latn", "arb_Latn", "mis_Latn", "awa_Deva", "amh_Ethi", "srp_Cyrl"])
def test_what_langdetect_does_not_know_is_never_judged(code: str) -> None:
    text = {"Deva": HINDI, "Ethi": "የሸለቆው ገበሬዎች በማለዳ አትክልታቸውን ወደ ገበያ ያመጣሉ።", "Cyrl": RUSSIAN}.get(code[4:], ENGLISH)
    assert check(text, claim(code)) == {
        "verdict": "cannot judge",
        "detected": None,
        "detector": "langdetect 1.0.9",
    }


@pytest.mark.parametrize(
    "text", ["", "   ", "1234 + 5", "🙂🙂", "`print(1)`", "https://example.org/a-page", "$x^2 + y^2$"]
)
def test_without_letters_there_is_nothing_to_judge(text: str) -> None:
    assert check(text, claim("yor_Latn"))["verdict"] == "cannot judge"


def test_a_short_text_is_judged_by_its_script_alone() -> None:
    short = "Guten Morgen"
    assert sum(letter.isalpha() for letter in short) < FEWEST_LETTERS
    assert check(short, claim("fra_Latn"))["verdict"] == "plausible"
    assert check(short, claim("ell_Grek"))["verdict"] == "suspicious"


def test_code_and_addresses_are_set_aside() -> None:
    code = "```python\nfor vegetable in the_market: print('this is the english word', vegetable)\n```"
    assert check(f"{code}\n{RUSSIAN}\nhttps://example.org/the/market/in/the/morning", claim("rus_Cyrl")) == {
        "verdict": "plausible",
        "detected": None,
        "detector": "langdetect 1.0.9",
    }


def test_a_name_in_latin_letters_does_not_make_chinese_suspicious() -> None:
    text = "他在 National Assembly 的会议上说、这个建议应该改为 Welsh Parliament。许多议员对此表示不满。"
    assert check(text, claim("zho_Hans"))["verdict"] == "plausible"


def test_a_text_between_two_languages_is_always_judged_alike() -> None:
    between = "no se pode facer nada sen pan"  # without a seed every second run says otherwise
    assert len({check(between, claim("spa_Latn"))["verdict"] for _ in range(20)}) == 1


@given(
    st.text(max_size=300), st.sampled_from([*clusters.LABELS.values(), "yor_Latn", "jpn_Jpan", "mis_Zzzz", "qaa_Qaaa"])
)
def test_no_text_raises_and_the_answer_is_always_the_same(text: str, code: str) -> None:
    first = check(text, claim(code))
    assert first["verdict"] in {"plausible", "suspicious", "cannot judge"}
    assert check(text, claim(code)) == first


@pytest.mark.parametrize(
    "text", ["\x00\x07\u202e", "\ud800", "a\u0301" * 400, "\ufeff\u00ad" * 30, "`" * 500, "$" * 4000]
)
def test_odd_characters_do_not_raise(text: str) -> None:
    assert check(text, claim("eng_Latn"))["verdict"] in {"plausible", "suspicious", "cannot judge"}


def test_the_table_has_every_label_of_langdetect_and_ends_in_languages_that_we_have() -> None:
    profiles = {file.name for file in files("langdetect").joinpath("profiles").iterdir()}
    assert set(clusters.LABELS) == profiles
    assert set(clusters.LABELS.values()) <= {row.code for row in varieties.known()}


@pytest.mark.parametrize("label", sorted(clusters.LABELS))
def test_each_label_supports_its_own_language(label: str) -> None:
    code = clusters.LABELS[label]
    assert label in clusters.labels_for(code[:3], code[4:])


@pytest.mark.parametrize("cluster", clusters.CLUSTERS, ids=lambda cluster: "-".join(sorted(cluster)[:3]))
def test_each_member_of_a_cluster_is_kin_of_each_other(cluster: frozenset[str]) -> None:
    assert all(cluster <= clusters.kin(code) for code in cluster)


def test_langdetect_is_loaded_only_when_it_is_needed() -> None:
    program = (
        "import sys; from types import SimpleNamespace; from annotator.quality.language import check;"
        "check('short', SimpleNamespace(iso639_3='eng', script='Latn'));"
        "check('a long enough text in a language that it does not know', SimpleNamespace(iso639_3='yor', script='Latn'));"
        "sys.exit('langdetect' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0  # noqa: S603  # our own program


def test_translators_are_hardly_ever_doubted(real_data: Path) -> None:
    alarms: dict[str, int] = {}
    judged = 0
    for path in sorted((real_data / "ntrex").glob("*.txt")):
        code = varieties.by_other_code().get(path.stem.lower()) or path.stem.replace("-", "_")
        if clusters.labels_for(code[:3], code[4:]):
            for line in path.read_text(encoding="utf-8").splitlines()[:30]:
                judged += 1
                alarms[code] = alarms.get(code, 0) + (check(line, claim(code))["verdict"] == "suspicious")
    assert len(alarms) >= 55
    assert sum(alarms.values()) / judged < 0.01
    assert max(alarms.values()) <= 3
