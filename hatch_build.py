"""Put templates/, static/ and migrations/ inside the wheel; an editable install reads them in place."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BesidePackage(BuildHookInterface[Any]):
    """Force-include the folders that stand beside the package, for a real wheel only.

    An editable wheel must not hold copies of them: they would go stale.
    """

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the folders to ``build_data`` when ``version`` is ``standard``."""
        if version == "standard":
            for folder in ("templates", "static", "migrations"):
                build_data["force_include"][folder] = f"annotator/{folder}"
