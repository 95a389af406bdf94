"""The one place that asks what time it is, so that a test can say."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


def month(moment: datetime) -> str:
    """Return ``YYYY-MM``: the only precision of time that leaves the platform."""
    return moment.strftime("%Y-%m")


def micros(moment: datetime) -> int:
    """Return microseconds since 1970: a moment that an index and a cursor compare as a whole number."""
    return round(moment.timestamp() * 1_000_000)


def parse(written: str) -> datetime | None:
    """Return the aware moment written in ISO 8601, or None when it is not one."""
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return None
    try:
        return moment.astimezone(UTC) if moment.tzinfo else None
    except OverflowError:  # a zone that leads out of the calendar
        return None
