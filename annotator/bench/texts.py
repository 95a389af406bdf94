"""Texts of a benchmark: short Swahili, put together from words of our own, so that the language check has work to do."""

import math
import random
from collections.abc import Iterator

LANGUAGE = "swh_Latn"

TASKS = (
    "Eleza kwa maneno yako", "Andika hadithi fupi kuhusu jambo hili", "Endeleza hadithi hii", "Andika barua kuhusu habari hii",
    "Uliza maswali matatu kuhusu habari hii", "Fupisha habari hii", "Andika mazungumzo kuhusu jambo hili", "Toa ushauri",
)  # fmt: skip
TIMES = (
    "Jana asubuhi", "Jana jioni", "Wiki iliyopita", "Mwezi uliopita", "Wakati wa mvua kubwa", "Baada ya chakula cha mchana",
    "Usiku wa jana", "Mapema leo asubuhi", "Siku ya soko", "Kabla ya likizo", "Wakati wa mavuno", "Mwanzoni mwa mwaka",
    "Siku ya harusi",
)  # fmt: skip
PEOPLE = (
    "mwalimu wetu", "mama mdogo", "mkulima hodari", "fundi wa baiskeli", "kijana mmoja", "dada yangu mkubwa",
    "mzee wa kijiji", "daktari mpya", "mvuvi mzoefu", "mwanafunzi wa pili", "jirani yetu", "babu yangu", "mpishi wa shule",
    "dereva wa basi", "mwandishi wa habari", "binamu yangu", "mfanyabiashara mdogo",
)  # fmt: skip
DEEDS = (
    "alinunua", "alileta", "alitafuta", "alibeba", "aliona", "alichora", "alipokea", "aliuza", "alihifadhi", "alisahau",
    "alipata",
)  # fmt: skip
THINGS = (
    "mahindi mabichi", "kitabu kipya", "samaki wawili wakubwa", "barua ndefu", "kikapu cha maembe", "baiskeli ya zamani",
    "mbegu za maharage", "nguo za watoto", "picha ya familia", "chupa ya asali", "mkeka mzuri", "taa ya mafuta",
    "gunia la mchele", "ngoma ndogo", "kuku watatu", "ramani ya mji", "dawa ya kikohozi", "redio ndogo", "viazi vitamu",
)  # fmt: skip
PLACES = (
    "sokoni", "shambani", "karibu na mto", "nyumbani kwake", "bandarini", "shuleni", "njiani", "mjini", "kijijini",
    "hospitalini", "chini ya mti mkubwa", "kwenye kituo cha basi", "pwani", "ofisini", "kwa rafiki yake", "kisimani",
    "dukani", "uwanjani", "jikoni", "mlimani", "kanisani", "msikitini", "kambini",
)  # fmt: skip
REASONS = (
    "kwa sababu mvua ilikuwa karibu", "ili watoto wapate chakula", "kabla ya jua kuzama", "kwa ajili ya wageni",
    "bila kumwambia mtu yeyote", "kama alivyoahidi", "ingawa bei ilikuwa juu", "kwa furaha kubwa",
    "baada ya kusubiri kwa muda mrefu", "pamoja na rafiki zake", "kwa mara ya kwanza", "huku akiimba wimbo",
    "ili kusaidia familia yake", "kwa haraka sana", "na kila mtu akashangaa", "kisha akarudi salama",
    "kwa sababu alikuwa na njaa", "ingawa alikuwa amechoka", "kwa uangalifu mkubwa", "kama kawaida yake",
    "na watoto wakafurahi", "kwa bei nafuu", "ili afike mapema", "kwa heshima", "bila haraka", "kwa siri",
    "siku mbili mfululizo", "kwa moyo mmoja", "na baba akacheka",
)  # fmt: skip

_PLACES_OF_A_STORY = (TIMES, PEOPLE, DEEDS, THINGS, PLACES, REASONS)
STORIES = math.prod(map(len, _PLACES_OF_A_STORY))
PROMPTS = STORIES * len(TASKS)
# Neighbours should not begin alike; a step that shares no factor with the number of prompts still reaches each once.
_STEP = 12_345_701


def prompt(number: int) -> str:
    """Return the text of prompt ``number`` (from 0); all below ``PROMPTS`` (200 million) are different."""
    story, task = divmod(number * _STEP % PROMPTS, len(TASKS))
    return f"{TASKS[task]}: {_story(story)}"


def answer(chance: random.Random) -> str:
    """Return what somebody might write: two sentences, about 120 to 200 characters."""
    return f"{_story(chance.randrange(STORIES))} {_story(chance.randrange(STORIES))}"


def rows(number: int) -> Iterator[dict[str, object]]:
    """Yield so many rows of an import, all of them different."""
    for one in range(number):
        yield {"instruction": prompt(one), "external_id": f"bench:{one}"}


def _story(number: int) -> str:
    words = []
    for choices in _PLACES_OF_A_STORY:
        number, which = divmod(number, len(choices))
        words.append(choices[which])
    time, person, deed, thing, place, reason = words
    return f"{time}, {person} {deed} {thing} {place} {reason}."
