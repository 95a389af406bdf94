"""The one place that asks what time it is, so that a test can say."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


def month(moment: datetime) -> str:
    """Return ``YYYY-MM``: the only precision of time that leaves the platform."""
    return moment.strftime("%Y-%m")
