"""The demo calls the rooms' actions and writes no row itself: its source is read, not trusted."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import annotator.demo

FILES = sorted(Path(annotator.demo.__file__).parent.rglob("*.py"))
# What a session or a connection offers to change rows, and what could reach one by another way.
WRITES = {
    "add", "add_all", "bulk_insert_mappings", "bulk_save_objects", "bulk_update_mappings", "connect", "cursor",
    "delete", "exec_driver_sql", "execute", "executemany", "flush", "insert", "merge", "update",
}  # fmt: skip
SQLALCHEMY = {"Session", "Engine"}  # as types
FORBIDDEN = {"sqlite3", "psycopg"}


def _faults(source: str) -> Iterator[str]:
    """Yield what a module does that only an action may do."""
    tree = ast.parse(source)
    only_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    nodes = [node for node in ast.walk(tree) if id(node) not in only_types]
    rooms = {
        alias.asname or alias.name
        for node in nodes
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("annotator.")
        for alias in node.names
    }
    for node in nodes:
        fault = _import(node) or _call(node, rooms) or _assignment(node)
        if fault:
            yield f"line {getattr(node, 'lineno', 0)}: {fault}"


def _import(node: ast.AST) -> str | None:
    if isinstance(node, ast.ImportFrom):
        module, names = node.module or "", {alias.name for alias in node.names}
        if module.endswith("models") or "models" in names:
            return "imports tables"
        if module.startswith("sqlalchemy") and not names <= SQLALCHEMY:
            return f"imports {names - SQLALCHEMY} of SQLAlchemy"
        return f"imports {module}" if module.split(".")[0] in FORBIDDEN or "import_module" in names else None
    if isinstance(node, ast.Import):
        found = {alias.name.split(".")[0] for alias in node.names} & {*FORBIDDEN, "sqlalchemy", "importlib"}
        tables = [alias.name for alias in node.names if alias.name.endswith("models")]
        return f"imports {found or tables}" if found or tables else None
    return None


def _call(node: ast.AST, rooms: set[str]) -> str | None:
    if not isinstance(node, ast.Call):
        return None
    called = ast.unparse(node.func)
    if called in {"setattr", "exec", "eval", "__import__"}:
        return f"calls {called}"
    if isinstance(node.func, ast.Attribute) and node.func.attr in WRITES:
        holder = ast.unparse(node.func.value)
        # accounts.add(…) is an action of a room; progress.update(…) moves a bar on the terminal.
        return None if holder in rooms or called == "progress.update" else f"calls {called}"
    return None


def _assignment(node: ast.AST) -> str | None:
    """Return what is set: setting a column changes a row too; the story's own stage may be set."""
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
        return None if ast.unparse(node.value) in {"self", "stage"} else f"sets {ast.unparse(node)}"
    return None


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_no_module_of_the_demo_writes_rows(file: Path) -> None:
    assert list(_faults(file.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "source",
    [
        "session.add(person)",
        "stage.session.execute('delete from people')",
        "from annotator.accounts.models import Person",
        "from annotator.accounts import models",
        "from annotator import models",
        "import annotator.models as m\nfrom sqlalchemy import insert",
        "annotation.state = 'accepted'",
        "setattr(annotation, 'state', 'accepted')",
        "import sqlite3",
        "import annotator.accounts.models",
        "from importlib import import_module",
    ],
)
def test_ways_around_the_actions_are_seen(source: str) -> None:
    assert list(_faults(source))


def test_a_rooms_action_may_be_called() -> None:
    assert list(_faults("from annotator.accounts import actions as accounts\naccounts.add(session, actor=x)")) == []
