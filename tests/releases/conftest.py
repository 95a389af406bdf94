"""Most tests publish for what the rows say; they do not wait for `datasets`, which takes seconds for a folder."""

import pytest

from annotator.releases import loading

LOADED = {"test_loading", "test_commands", "test_load"}


@pytest.fixture(autouse=True)
def _not_loaded_again(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Load what is built only in the modules named above, where a command or the loading itself is tried."""
    if request.path.stem not in LOADED:
        monkeypatch.setattr(loading, "fault", lambda _folder: None)
