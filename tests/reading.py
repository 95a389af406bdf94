"""How hard English is to read: the Flesch-Kincaid grade (Kincaid and others 1975, Navy report RBR 8-75)."""

import re

# Of school: the plain-language guides ask for texts that a pupil of 14 can read.
HARDEST_GRADE = 9


def syllables(word: str) -> int:
    """Return about how many syllables an English word has: groups of vowels, without a silent e at the end."""
    groups = len(re.findall(r"[aeiouy]+", word))
    if (word.endswith("e") and not word.endswith(("le", "ee"))) or re.search(r"[^td]ed$", word):
        groups -= 1
    return max(groups, 1)


def grade(body: str) -> float:
    """Return 0.39 words per sentence + 11.8 syllables per word - 15.59, of Markdown or of lines of a page."""
    prose = re.sub(r"^(#.*|\|[-|]+\|)$", "", body, flags=re.MULTILINE)
    prose = re.sub(r"[*`\"]|\(.*?\)", "", prose)
    sentences = [s for s in re.split(r"[.!?:](?:\s|$)|\n\n|\n- |\|\n?", prose) if len(s.split()) > 1]
    words = re.findall(r"[a-z]+(?:'[a-z]+)?", " ".join(sentences).lower())
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59
