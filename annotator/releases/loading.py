"""Load a built folder the way people load it, with `datasets` and no network, and count what arrives."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from annotator.consent.rules import Lane
from annotator.releases.tables import SIDE_TABLES, SPLITS

Counts = dict[str, dict[str, int]]


def promised(folder: Path) -> Counts:
    """Return the rows of each config and split that the manifest's files promise; what has no rows is no config."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    rows: dict[tuple[str, str], int] = {}
    for file in manifest["files"]:
        if file["rows"]:
            place, name = file["path"].rsplit("/", 1)
            key = (place, name.split("-")[0])
            rows[key] = rows.get(key, 0) + file["rows"]
    result: Counts = {}
    for config, place in [(lane.value, f"data/{lane.value}") for lane in Lane] + [(name, name) for name in SIDE_TABLES]:
        found = {split: rows[place, split] for split in SPLITS if (place, split) in rows}
        if found:
            if place.startswith("data/"):
                result.setdefault("default", found)
            result[config] = found
    return result


def fault(folder: Path) -> str | None:
    """Return what is wrong when somebody loads the folder, config by config; None when all is as the manifest says.

    Reaches for no network, prints nothing, and leaves no cache behind.
    """
    wanted = promised(folder)
    if not wanted:
        return None  # a release without any row has no config to load
    # Beside the folder: that disk has room for it, a machine's place for small things may have none.
    with _quiet_and_offline(), tempfile.TemporaryDirectory(prefix=".loading-", dir=folder.parent) as cache:
        return _fault(folder, wanted, cache)


def _fault(folder: Path, wanted: Counts, cache: str) -> str | None:
    import datasets  # noqa: PLC0415  # slow to import
    from datasets.exceptions import DatasetsError  # noqa: PLC0415

    at = "card"
    try:
        listed = set(datasets.get_dataset_config_names(str(folder)))
        if listed != set(wanted):
            return f"configs {sorted(listed)} are listed, {sorted(wanted)} have rows"
        for config, rows in wanted.items():
            at = config
            asked = None if config == "default" else config  # as people ask who name none
            loaded = datasets.load_dataset(str(folder), asked, cache_dir=cache)
            found = {str(split): part.num_rows for split, part in loaded.items()}
            del loaded  # lets go of the cache's files
            if found != rows:
                return f"{config}: {found} were loaded, the manifest says {rows}"
    except (DatasetsError, OSError, ValueError) as error:
        return f"{at}: {type(error).__name__}: {error}"
    return None


@contextmanager
def _quiet_and_offline() -> Iterator[None]:
    """Keep `datasets` from the network, from the terminal and from the log."""
    import datasets  # noqa: PLC0415  # slow to import

    offline, verbosity = datasets.config.HF_HUB_OFFLINE, datasets.logging.get_verbosity()
    bars = datasets.are_progress_bars_disabled()
    datasets.config.HF_HUB_OFFLINE = True
    datasets.logging.set_verbosity_error()
    datasets.disable_progress_bars()
    try:
        yield
    finally:
        datasets.config.HF_HUB_OFFLINE = offline
        datasets.logging.set_verbosity(verbosity)
        if not bars:
            datasets.enable_progress_bars()
