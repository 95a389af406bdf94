"""Templates of our own for sentences; CC0, in English until speakers add theirs."""

from dataclasses import dataclass

# The language of the seeds' bodies.
LANGUAGE = "eng_Latn"


@dataclass(frozen=True)
class Seed:
    """A template that the program brings along: its body is an instruction over a sentence as input."""

    name: str
    body: str
    answer_link: str


SEEDS = (
    Seed("translate-from-english", "Translate this sentence from English into your language.", "translation"),
    Seed(
        "rewrite-more-simply",
        "Say the same in simpler words, in the same language, so that a child of ten understands it.",
        "paraphrase",
    ),
    Seed("write-a-headline", "Write a short headline for a news story that begins like this.", "completion"),
    Seed(
        "ask-a-question",
        "Ask a question that this sentence answers, in the same language. Then answer it in a few words.",
        "completion",
    ),
    Seed("continue-the-story", "Continue from here with two to four sentences of your own.", "completion"),
)
