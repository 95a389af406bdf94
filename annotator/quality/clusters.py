"""What langdetect 1.0.9 knows, and which languages its answer cannot tell apart; a table of facts with a test each."""

from functools import cache

from annotator.languages.scripts import same_letters

# Its labels, and the variety that each was trained on.
LABELS = {
    "af": "afr_Latn", "ar": "arb_Arab", "bg": "bul_Cyrl", "bn": "ben_Beng", "ca": "cat_Latn", "cs": "ces_Latn",
    "cy": "cym_Latn", "da": "dan_Latn", "de": "deu_Latn", "el": "ell_Grek", "en": "eng_Latn", "es": "spa_Latn",
    "et": "est_Latn", "fa": "pes_Arab", "fi": "fin_Latn", "fr": "fra_Latn", "gu": "guj_Gujr", "he": "heb_Hebr",
    "hi": "hin_Deva", "hr": "hrv_Latn", "hu": "hun_Latn", "id": "ind_Latn", "it": "ita_Latn", "ja": "jpn_Jpan",
    "kn": "kan_Knda", "ko": "kor_Hang", "lt": "lit_Latn", "lv": "lvs_Latn", "mk": "mkd_Cyrl", "ml": "mal_Mlym",
    "mr": "mar_Deva", "ne": "npi_Deva", "nl": "nld_Latn", "no": "nob_Latn", "pa": "pan_Guru", "pl": "pol_Latn",
    "pt": "por_Latn", "ro": "ron_Latn", "ru": "rus_Cyrl", "sk": "slk_Latn", "sl": "slv_Latn", "so": "som_Latn",
    "sq": "als_Latn", "sv": "swe_Latn", "sw": "swh_Latn", "ta": "tam_Taml", "te": "tel_Telu", "th": "tha_Thai",
    "tl": "tgl_Latn", "tr": "tur_Latn", "uk": "ukr_Cyrl", "ur": "urd_Arab", "vi": "vie_Latn", "zh-cn": "zho_Hans",
    "zh-tw": "zho_Hant",
}  # fmt: skip

# Languages that a text alone does not tell apart (ISO 639-3): an answer for one makes the claim of another plausible.
CLUSTERS = tuple(
    frozenset(codes.split())
    for codes in (
        "bos hrv srp cnr hbs",
        "ind msa zsm zlm zmi",
        "nob nno nor dan",
        "zul xho ssw nde nbl",
        "sot nso tsn",
        "zho cmn yue wuu hak nan gan hsn",
        "bod dzo",
        "aze azj tur",
        "tgl fil",
        "ara arb acm acq acx adf aeb afb ajp apc apd ars ary arz ayh ayl ayn ayp mey shu ssh",
        "fas pes prs",
        "swa swh swc",
        "est ekk",
        "lav lvs",
        "nep npi",
        "sqi als aln aae aat",
        "ell cpg pnt",
    )
)


@cache
def kin(iso639_3: str) -> frozenset[str]:
    """Return the languages that a text alone does not tell from this one, itself included."""
    return frozenset({iso639_3}).union(*(cluster for cluster in CLUSTERS if iso639_3 in cluster))


@cache
def labels_for(iso639_3: str, script: str) -> frozenset[str]:
    """Return the labels of langdetect that make a claim of this language in this script plausible; none: unknown."""
    return frozenset(
        label for label, code in LABELS.items() if code[:3] in kin(iso639_3) and same_letters(code[4:], script)
    )
