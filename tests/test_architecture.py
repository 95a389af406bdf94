"""What the tree promises and no linter checks."""

import ast
import re
import tomllib
from pathlib import Path
from typing import Any

import grimp
import pytest

from tests.databases import CHECKOUT

PACKAGE = CHECKOUT / "annotator"
HTTP = ("flask", "werkzeug", "wtforms", "flask_wtf", "flask_login", "flask_babel")
# What of a room may know of HTTP; `portal` has pages only, and `jobs` and `mail` are named like edges but are rooms.
# "removal" and "retiring" are jobs in steps: what each step has done must stay when the next one is killed.
# "page" and "archive" write the file of one's own data, in the words of the pages.
EDGES = frozenset({"forms", "views", "api", "commands", "jobs", "mails", "removal", "retiring", "page", "archive"})
PAGES_ONLY = frozenset({"web", "portal", "demo", "bench", "commands"})
MOST_LINES = 360  # "about 300": what is longer falls into two
LONG_FOR_A_REASON = {
    "releases/verify.py": "stands alone in every release, where it can import nothing of ours",
    "releases/apply_withdrawals.py": "stands alone as well",
}


def modules() -> list[Path]:
    """Return every Python file of the program."""
    return sorted(PACKAGE.rglob("*.py"))


def rooms() -> list[str]:
    """Return the rooms."""
    return sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))


def pyproject() -> dict[str, Any]:
    """Return the project's own description."""
    return tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("annotator", include_external_packages=True)


def test_nothing_but_edges_reaches_http(graph: grimp.ImportGraph) -> None:
    reached = {}
    for module in sorted(graph.modules):
        parts = module.split(".")
        if parts[0] != "annotator" or len(parts) < 3 or parts[1] in PAGES_ONLY or parts[-1] in EDGES:
            continue
        for library in (*HTTP, "annotator.web.access"):
            chain = graph.find_shortest_chain(importer=module, imported=library)
            if chain:
                reached[module] = " -> ".join(chain)
    assert reached == {}


def test_only_edges_commit() -> None:
    found = []
    for path in modules():
        room, name = path.relative_to(PACKAGE).parts[0], path.stem
        if name in EDGES or room in PAGES_ONLY:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
        if any(
            isinstance(call, ast.Attribute) and call.attr == "commit" and not call_on_nested(call) for call in calls
        ):
            found.append(str(path.relative_to(PACKAGE)))
    assert found == []


def call_on_nested(call: ast.Attribute) -> bool:
    """Say whether what is committed is a savepoint, named so."""
    return isinstance(call.value, ast.Name) and call.value.id == "nested"


def test_no_file_is_named_for_leftovers() -> None:
    leftovers = {"utils", "util", "helpers", "helper", "misc", "common", "base"}
    assert [str(path) for path in modules() if path.stem in leftovers] == []


def test_files_stay_short() -> None:
    long = {
        str(path.relative_to(PACKAGE)): count
        for path in modules()
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > MOST_LINES
    }
    assert set(long) - set(LONG_FOR_A_REASON) == set(), long


SUPPRESSION = re.compile(r"# (noqa: [A-Z0-9, ]*[A-Z0-9]|type: ignore\[[a-z, -]+\]|noqa|type: ignore|pragma: \S+)(.*)")


def test_every_suppression_says_why() -> None:
    """A reason stands on the line; the same suppression further down in the same file may rely on it."""
    silent = []
    for path in [
        *modules(),
        *sorted((CHECKOUT / "tests").rglob("*.py")),
        *sorted((CHECKOUT / "migrations").rglob("*.py")),
    ]:
        explained: set[str] = set()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            match = SUPPRESSION.search(line)
            if match is None or path == Path(__file__):
                continue
            if re.search(r"# \S+", match[2]):
                explained.add(match[1])
            elif match[1] not in explained:
                silent.append(f"{path.relative_to(CHECKOUT)}:{number}: {match[1]}")
    assert silent == []


def test_templates_keep_markup_and_style_apart() -> None:
    faults = []
    for path in sorted((CHECKOUT / "templates").rglob("*.html")):
        source = re.sub(r"{#.*?#}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        for pattern in (
            r"\|\s*safe\b",
            r"<style",
            r"\sstyle=",
            r"\son[a-z]+=",
            r"<script(?![^>]*\ssrc=)",
            r"autoescape false",
        ):
            faults += [f"{path.name}: {match[0]}" for match in re.finditer(pattern, source)]
    assert faults == []


def test_every_room_stands_in_the_readme_and_in_the_contract() -> None:
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z]+)`", readme))
    assert set(rooms()) - {"commands"} - named == set()
    layers = " ".join(pyproject()["tool"]["importlinter"]["contracts"][0]["layers"])
    assert set(rooms()) - set(re.findall(r"[a-z_]+", layers)) == set()


def test_tests_mirror_the_rooms() -> None:
    folders = {path.name for path in (CHECKOUT / "tests").iterdir() if path.is_dir() and list(path.glob("test_*.py"))}
    assert set(rooms()) - folders == set()


def direct_dependencies() -> list[str]:
    """Return what pyproject.toml asks for, names only."""
    asked = [*pyproject()["project"]["dependencies"]]
    for group in pyproject()["dependency-groups"].values():
        asked += [one for one in group if isinstance(one, str)]
    return sorted({re.split(r"[\[<>=~! ]", one)[0] for one in asked})


def test_every_dependency_earns_its_line() -> None:
    decision = next((CHECKOUT / "docs" / "decisions").glob("0001-*.md")).read_text(encoding="utf-8")
    lines = re.findall(r"^\| ([a-z0-9-]+) \|", decision, re.MULTILINE)
    assert sorted(set(lines) - {"package"}) == direct_dependencies()


@pytest.mark.parametrize("name", ["run", "dev"])
def test_locks_hold_exact_versions_with_hashes_and_no_address(name: str) -> None:
    lock = (CHECKOUT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    assert not re.search(r"://|--index|--find-links|file:", lock)
    entries = re.split(r"\n(?=[a-z0-9])", lock[lock.index("\n") + 1 :])
    entries = [entry for entry in entries if not entry.startswith("#")]
    assert len(entries) > 50
    for entry in entries:
        version = re.match(r"[a-z0-9.-]+(?:\[[a-z,]+\])?==([0-9.]+)(?: |$)", entry)
        assert version, f"no exact final version: {entry.splitlines()[0]}"
        assert "--hash=sha256:" in entry, entry.splitlines()[0]
    wanted = pyproject()["project"]["dependencies"] if name == "run" else direct_dependencies()
    locked = {re.split(r"[=\[ ]", entry)[0] for entry in entries}
    assert {re.split(r"[\[<>=]", one)[0] for one in wanted} - locked == set()


@pytest.mark.postgresql
def test_as_many_tests_on_each_database(request: pytest.FixtureRequest) -> None:
    """Every test that touches a database runs on both; one that names a database in another way is seen here."""
    count = {"sqlite": 0, "postgresql": 0}
    for item in request.session.items:
        parameters = getattr(item, "callspec", None)
        for value in parameters.params.values() if parameters else ():
            if isinstance(value, str) and value in count:
                count[value] += 1
    assert count["sqlite"] == count["postgresql"]
