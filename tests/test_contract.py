"""The outside of the program that scripts rely on: the commands, their options, their exit statuses."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from annotator.cli import COMMANDS, main
from tests.conftest import CHECKOUT, Runner

# command: what its --help must name
PROMISED: dict[str, tuple[str, ...]] = {
    "init": ("--admin",),
    "demo": ("--port", "--no-serve", "--dir", "--data"),
    "serve": ("--bind", "--workers"),
    "worker": (),
    "db upgrade": (),
    "db current": ("--json",),
    "db check": ("--json",),
    "check": ("--settings", "--json"),
    "languages list": ("--query", "--json"),
    "languages add": (),
    "languages sync": (),
    "documents list": ("--json",),
    "documents show": ("KIND", "--version", "--language", "--changes", "--json"),
    "documents draft": ("KIND", "LANGUAGE", "FILE", "--title", "--json"),
    "documents adopt": ("KIND", "LANGUAGE", "--same-terms", "--json"),
    "documents confirm": ("KIND", "VERSION", "LANGUAGE", "EMAIL", "--json"),
    "documents wrong": ("KIND", "VERSION", "LANGUAGE", "--reason", "--json"),
    "projects create": ("SLUG", "--title", "--languages", "--overlap", "--reviews"),
    "projects list": ("--json",),
    "projects pause": ("SLUG",),
    "projects resume": ("SLUG",),
    "prompts import": (
        "FILE", "--project", "--source", "--license", "--language", "--map", "--template", "--dry-run", "--skip-bad",
        "--json",
    ),
    "people add": ("EMAIL", "--name", "--languages", "--role"),
    "people token": ("EMAIL", "--name", "--scopes", "--days", "--json"),
    "people list": ("--json",),
    "ambassadors appoint": ("EMAIL", "LANGUAGE", "--until"),
    "ambassadors retire": ("EMAIL", "LANGUAGE"),
    "ambassadors list": ("--json",),
    "bench claim": ("--database-url", "--prompts", "--people", "--seconds", "--json"),
    "bench import": ("--database-url", "--prompts", "--json"),
    "releases preview": ("SLUG", "--json"),
    "releases publish": ("SLUG", "VERSION", "--notes", "--dry-run"),
    "releases list": ("--json",),
    "releases verify": ("FOLDER", "--previous", "--manifest-sha256", "--json"),
    "releases diff": ("OLD", "NEW", "--json"),
    "rights verify-ledger": ("--json",),
    "rights withdraw": ("EMAIL", "--language", "--annotation"),
}  # fmt: skip

TARGETS = ("help", "demo", "run", "test", "test-fast", "check", "bench", "lock", "faults", "screenshots")


@pytest.mark.parametrize("command", PROMISED)
def test_a_promised_command_is_there_and_explains_itself(command: str) -> None:
    result = CliRunner().invoke(main, [*command.split(), "--help"])
    assert result.exit_code == 0, result.output
    assert [word for word in PROMISED[command] if word not in result.output] == []


def test_the_list_of_commands_says_what_each_is_for() -> None:
    result = CliRunner().invoke(main, ["--help"])
    assert [name for name, (_, words) in COMMANDS.items() if words not in " ".join(result.output.split())] == []


def test_help_is_light() -> None:
    """`--help` must not wait for Flask, SQLAlchemy, pyarrow or datasets."""
    code = (
        "import sys, click.testing; from annotator.cli import main; "
        "assert click.testing.CliRunner().invoke(main, ['--help']).exit_code == 0; "
        "print(sorted({'flask', 'sqlalchemy', 'pyarrow', 'datasets', 'pydantic'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=CHECKOUT)  # noqa: S603  # our own interpreter
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("module", ["annotator.app", "annotator.releases.commands", "annotator.prompts.commands"])
def test_what_is_slow_to_import_waits_until_it_is_needed(module: str) -> None:
    code = f"import sys, {module}; print(sorted({{'pyarrow', 'datasets', 'langdetect', 'alembic'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=CHECKOUT)  # noqa: S603  # our own interpreter
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["db", "nonsense"], ["check", "--nonsense"], ["rights", "withdraw"]]
)
def test_wrong_usage_ends_with_2(runner: Runner, arguments: list[str]) -> None:
    assert "Usage:" in runner(*arguments, code=2).stderr


def test_where_there_is_no_installation_a_command_says_what_to_do(tmp_path: Path) -> None:
    names = [name for name in os.environ if name.startswith("ANNOTATOR_")]
    clean = {name: value for name, value in os.environ.items() if name not in names}
    command = [sys.executable, "-m", "annotator", "people", "list"]
    done = subprocess.run(  # noqa: S603  # our own interpreter
        command, capture_output=True, text=True, check=False, cwd=tmp_path, env={**clean, "PYTHONPATH": str(CHECKOUT)}
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "annotator init" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == [], "a question leaves nothing behind"


def test_the_makefile_has_what_the_readme_promises() -> None:
    # `make test` tells the tests' own make that it is an inner one, which would then say so.
    plain = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}

    def make(*arguments: str) -> str:
        done = subprocess.run(  # noqa: S603  # our own arguments
            ["make", *arguments],  # noqa: S607  # whichever make this machine has
            capture_output=True, text=True, check=True, cwd=CHECKOUT, env=plain,
        )  # fmt: skip
        return done.stdout

    assert [line.split()[0] for line in make("help").splitlines()] == list(TARGETS)
    for target in TARGETS:
        make("--dry-run", target)
