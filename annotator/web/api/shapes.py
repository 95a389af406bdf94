"""The shapes that every room's JSON is made of."""

from pydantic import BaseModel, ConfigDict


class Body(BaseModel):
    """What is sent: a field that we do not know is a slip that the sender should hear of; nothing is converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class FieldError(BaseModel):
    """One thing that is wrong in the body; the pointer (RFC 6901) says where."""

    pointer: str
    code: str
    detail: str


class Problem(BaseModel):
    """Why not. The code is stable, the detail is a sentence for a person, errors say which fields are meant."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldError] = []
