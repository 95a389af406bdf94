"""What an action says when it refuses: a stable code and the facts; the words are chosen at the edge.

``annotator.web.wording`` has one sentence with the remedy for every code.
"""


class DomainError(Exception):
    """An action refused. ``code`` is stable, ``facts`` fill the sentence."""

    status = 400

    def __init__(self, code: str, **facts: object) -> None:
        """Keep the code and the facts."""
        super().__init__(code, facts)
        self.code = code
        self.facts = facts


class Invalid(DomainError):
    """The input cannot be used as it is."""

    status = 422


class Forbidden(DomainError):
    """The actor may not do this, or not in this state."""

    status = 403


class NotFound(DomainError):
    """There is no such thing, or it is not for this actor to know."""

    status = 404


class Conflict(DomainError):
    """Something else happened meanwhile."""

    status = 409
