"""Public endpoints that cost something, or could be guessed at: counted by the address that asks."""

from flask import request
from limits import RateLimitItem

from annotator.web.api.bearer import too_many
from annotator.web.extensions import limiter


def count(rate: RateLimitItem, door: str) -> None:
    """Count one more call of this address; raise Refused 429 ``too_many_requests`` when there were enough."""
    place = request.remote_addr or ""
    if not limiter.limiter.hit(rate, door, place):
        too_many(rate, door, place)
