"""Where the folders that stand beside the package are: inside it in a wheel, next to it in a checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """Return the folder ``name`` (``templates``, ``static`` or ``migrations``).

    Raises FileNotFoundError when neither place has it, which means a broken installation.
    """
    for place in (_PACKAGE / name, _PACKAGE.parent / name):
        if place.is_dir():
            return place
    message = f"The folder {name}/ is neither in the package nor beside it: install annotator again."
    raise FileNotFoundError(message)
