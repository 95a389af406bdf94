"""The JSON of work: what is sent, and what is answered."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from annotator.annotations.rules import Written
from annotator.languages.shapes import Text, Variety
from annotator.web.api.shapes import Body, Problem

MOST_OF_AN_AI_NOTE = 150

AiAssisted = Annotated[
    str,
    Field(pattern=rf"^(no|not asked|yes(: .{{1,{MOST_OF_AN_AI_NOTE}}})?)$", examples=["no", "yes: it translated this"]),
]


class PromptIn(Body):
    """The prompt's texts. An input that is left out stays as it is; an empty one is taken out."""

    instruction: str
    input: str | None = None


class RatingsIn(Body):
    """How good the prompt and its completion were, from 1 to 5."""

    prompt: int | None = Field(None, ge=1, le=5)
    completion: int | None = Field(None, ge=1, le=5)


class WorkIn(Body):
    """What somebody wrote. A prompt that is only a string is the instruction; the input stays as it is.

    An answer needs a completion, and a link where its prompt leaves open what an answer to it is. A re-annotation needs both ratings and a change of the prompt or the completion, or
    already_good.
    """

    prompt: str | PromptIn | None = None
    completion: str | None = None
    ratings: RatingsIn | None = None
    ai_assisted: AiAssisted = "not asked"
    link: Literal["completion", "translation", "paraphrase"] | None = None

    def written(self, *, already_good: bool = False) -> Written:
        """Return it as the actions take it."""
        instruction, input_ = texts_of(self.prompt)
        ratings = self.ratings or RatingsIn()
        return Written(
            instruction=instruction,
            input=input_,
            completion=self.completion,
            rating_prompt=ratings.prompt,
            rating_completion=ratings.completion,
            already_good=already_good,
            ai_assisted=self.ai_assisted,
            link=self.link,
        )


class Submission(WorkIn):
    """What is handed in. already_good: the text that was to be re-annotated is good as it is."""

    already_good: bool = False

    def as_written(self) -> Written:
        """Return it as the action takes it."""
        return self.written(already_good=self.already_good)


class OriginalIn(Body):
    """A prompt and a completion of one's own."""

    language: str
    prompt: str | PromptIn
    completion: str
    ai_assisted: AiAssisted = "not asked"

    def as_written(self) -> Written:
        """Return it as the action takes it."""
        instruction, input_ = texts_of(self.prompt)
        return Written(instruction=instruction, input=input_, completion=self.completion, ai_assisted=self.ai_assisted)


class ClaimIn(Body):
    """Which work is wanted; without kinds, what the project offers."""

    language: str
    kinds: list[Literal["answer", "reannotate"]] | None = Field(None, max_length=2)


class PromptOut(BaseModel):
    """The prompt's texts, each with its language."""

    instruction: Text | None
    input: Text | None


class Source(BaseModel):
    """Where the texts come from, and under which licence (SPDX)."""

    name: str
    license: str


class DraftPrompt(BaseModel):
    """The prompt as it stands in a draft; empty where the draft holds none."""

    instruction: str
    input: str


class Ratings(BaseModel):
    """How good the prompt and its completion were, from 1 to 5."""

    prompt: int | None
    completion: int | None


class Draft(BaseModel):
    """What was written so far. Its version is the ETag that the next save names in If-Match."""

    version: int
    prompt: DraftPrompt
    completion: str
    ratings: Ratings
    ai_assisted: str | None
    saved_at: datetime


class Saved(Draft):
    """The draft as it is kept now, and until when the work is reserved."""

    lease_until: datetime


class DraftProblem(Problem):
    """Something newer was saved: here it is, so that nothing is lost."""

    draft: Draft | None = None


class Assignment(BaseModel):
    """A piece of work that is reserved for the token's owner.

    language is what the completion is written in. taken_back: the author of the words that it starts from took them
    back; give it back and take the next one. annotation: what was made of it.
    """

    id: int
    project: str
    kind: str
    state: str
    language: Variety
    prompt: PromptOut
    completion: Text | None
    source: Source | None
    lease_until: datetime
    draft: Draft | None
    annotation: str | None
    taken_back: bool


class Submitted(BaseModel):
    """What was handed in, as it stands. Its own address says more, such as the hint of another language."""

    id: str
    kind: str
    state: str
    practice: bool
    assignment: int | None
    submitted_at: datetime


def texts_of(prompt: str | PromptIn | None) -> tuple[str | None, str | None]:
    """Return the instruction and the input that were sent."""
    if isinstance(prompt, PromptIn):
        return prompt.instruction, prompt.input
    return prompt, None
