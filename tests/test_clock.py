"""Moments that come from an address."""

import pytest

from annotator import clock


@pytest.mark.parametrize("written", ["soon", "2026-05-01T12:00:00", "0001-01-01T00:00:00+23:59", ""])
def test_what_is_no_moment_of_this_calendar_is_none(written: str) -> None:
    assert clock.parse(written) is None
