"""The demo's people: invented contributors, ambassadors and a maintainer, and what each of them decided."""

from collections.abc import Mapping
from dataclasses import dataclass

ENGLISH = "eng_Latn"


@dataclass(frozen=True)
class Member:
    """One invented person. ``writes`` begins with the first language; ``reads`` are further ones.

    ``preset`` is decided for everything, ``in_first_language`` for the first language alone. ``leaves`` says how
    the first round of work ends: with a ``draft``, with a prompt given back (``release``), or (None) with nothing
    left to do; ``after`` so many pieces.
    """

    handle: str
    credit_name: str
    writes: tuple[str, ...]
    reads: tuple[str, ...] = ()
    preset: str = "open"
    attribution: str = "handle"
    rights: Mapping[str, object] | None = None
    in_first_language: str | None = None
    grant_ends: bool = False
    ambassador_of: tuple[str, ...] = ()
    leaves: str | None = None
    after: int = 99

    @property
    def email(self) -> str:
        """An address at a domain that is reserved for examples (RFC 2606)."""
        return f"{self.handle}@example.org"


# For accepted terms only, and in no benchmark: what somebody might choose who wants to help training and nothing else.
_NOT_IN_BENCHMARKS = {
    "publish": "gated", "derive": True, "train": True, "evaluate": False, "research": True, "commercial": True,
}  # fmt: skip

# Who works first, on prompts of the pool and with a text of their own.
CONTRIBUTORS = (
    Member("adunni", "Adùnní Oyèlárán", ("yor_Latn", ENGLISH), attribution="named"),
    Member("salma", "سلمى حداد", ("arb_Arab", ENGLISH), attribution="named"),
    Member("zainab", "Zainab Musa", ("hau_Latn", ENGLISH), in_first_language="noncommercial"),
    Member("baraka", "Baraka Mushi", ("swh_Latn", ENGLISH), attribution="named"),
    Member("selam", "ሰላም በቀለ", ("amh_Ethi", ENGLISH), preset="gated", attribution="none"),
    Member("imran", "Imran Siddiqui", ("urd_Arab", ENGLISH), reads=("hin_Deva",)),
    Member(
        "shirin", "Shirin Ahmadi", ("pes_Arab", ENGLISH), preset="custom", rights=_NOT_IN_BENCHMARKS, attribution="none"
    ),
    Member("meera", "मीरा जोशी", ("hin_Deva", ENGLISH), attribution="named"),
    Member("anik", "অনীক চট্টোপাধ্যায়", ("ben_Beng", ENGLISH), leaves="release", after=5),
    Member("kavitha", "Kavitha Raman", ("tam_Taml", ENGLISH), preset="noncommercial", attribution="named"),
    Member("yifan", "林一帆", ("zho_Hans", ENGLISH), attribution="none"),
    Member("elif", "Elif Kaya", ("tur_Latn", ENGLISH), attribution="named"),
    Member("mateo", "Mateo Rivas", ("spa_Latn", ENGLISH)),
    Member("amelie", "Amélie Roux", ("fra_Latn", ENGLISH), preset="gated", leaves="draft", after=5),
    Member("oksana", "Оксана Бондар", ("ukr_Cyrl", ENGLISH), attribution="named", grant_ends=True),
    Member("tom", "Tom Whitfield", (ENGLISH,), reads=("swh_Latn",)),
)

# Who writes for practice: nothing of it leaves.
LEARNERS = (Member("lucia", "Lucía Ferrer", ("spa_Latn",), reads=(ENGLISH,), preset="practice", attribution="none"),)

# Who rates and improves what others wrote.
RE_ANNOTATORS = (
    Member("tunde", "Túndé Balógun", ("yor_Latn", ENGLISH), attribution="named"),
    Member("karim", "كريم ناصر", ("arb_Arab", ENGLISH)),
    Member("juma", "Juma Athumani", ("swh_Latn", ENGLISH)),
    Member("deepa", "Deepa Verma", ("hin_Deva", ENGLISH), preset="noncommercial", attribution="named"),
)

AMBASSADORS = (
    Member("bisi", "Bísí Akínwálé", ("yor_Latn", "hau_Latn", ENGLISH), ambassador_of=("yor_Latn", "hau_Latn")),
    Member("nadia", "Nadia Khalil", ("arb_Arab", ENGLISH), ambassador_of=("arb_Arab",)),
    Member("neema", "Neema Tesfaye", ("swh_Latn", "amh_Ethi", ENGLISH), ambassador_of=("swh_Latn", "amh_Ethi")),
    Member("farah", "Farah Qureshi", ("urd_Arab", "pes_Arab", ENGLISH), ambassador_of=("urd_Arab", "pes_Arab")),
    Member(
        "ravi", "Ravi Menon", ("hin_Deva", "ben_Beng", "tam_Taml", ENGLISH),
        ambassador_of=("hin_Deva", "ben_Beng", "tam_Taml"),
    ),
    Member("mei", "陈梅", ("zho_Hans", ENGLISH), ambassador_of=("zho_Hans",)),
    Member("ines", "Inés Laurent", ("spa_Latn", "fra_Latn", ENGLISH), ambassador_of=("spa_Latn", "fra_Latn")),
    Member("daria", "Daria Demir", ("ukr_Cyrl", "tur_Latn", ENGLISH), ambassador_of=("ukr_Cyrl", "tur_Latn")),
    Member("grace", "Grace Ellery", (ENGLISH,), ambassador_of=(ENGLISH,)),
)  # fmt: skip

MAINTAINER = Member("lena", "Lena Hofer", (ENGLISH,), attribution="none")

EVERYBODY = (*CONTRIBUTORS, *LEARNERS, *RE_ANNOTATORS, *AMBASSADORS, MAINTAINER)

# Who gets a password: the one of each role that a visitor may be.
SIGN_IN = {"contributor": "tunde", "ambassador": "bisi", "maintainer": "lena"}
