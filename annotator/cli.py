"""The `annotator` command. Groups are imported when they are used, so that `--help` and a typing slip answer at once."""

from importlib import import_module
from typing import Any

import click

# name: where it is, and the line that `annotator --help` shows without importing it
COMMANDS: dict[str, tuple[str, str]] = {
    "ambassadors": ("annotator.languages.commands:ambassadors", "Appoint, retire and list ambassadors."),
    "backup": ("annotator.commands.backup:backup", "Write the whole database into one file."),
    "bench": ("annotator.bench.commands:group", "Measure claims and imports on a database of its own."),
    "check": ("annotator.commands.check:check", "Say what is wrong with this installation, and how to mend it."),
    "db": ("annotator.commands.db:group", "The database's schema: upgrade, current, check."),
    "demo": ("annotator.demo.commands:demo", "Play the whole path in a small installation, and serve it."),
    "documents": (
        "annotator.consent.wordings.commands:group",
        "Write, compare, adopt and confirm what people agree to.",
    ),
    "init": ("annotator.commands.init:init", "Make the database, languages, secret key and first maintainer."),
    "languages": ("annotator.languages.commands:group", "List, add and sync language varieties."),
    "people": ("annotator.portal.commands:group", "Add and list people; make tokens for their scripts."),
    "projects": ("annotator.projects.commands:group", "Create, list, pause and resume projects."),
    "prompts": ("annotator.prompts.commands:group", "Import prompts into a project."),
    "releases": ("annotator.releases.commands:group", "Preview, publish, list, verify and compare releases."),
    "restore": ("annotator.commands.backup:restore", "Put a backup in place; what was erased since is erased again."),
    "rights": ("annotator.rights.commands:group", "The ledger of rights, and taking texts back."),
    "serve": ("annotator.serving:serve", "Serve the pages, with one worker beside."),
    "worker": ("annotator.serving:worker", "Do background work until a signal ends it."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported at their first use, and whose refusals are one sentence and exit status 1."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """Return the names, by the alphabet."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # click's signature
        """Import and return a command, or None for a name that is not ours."""
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name][0].split(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands from our own lines."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  # what the command returns
        """Run the command; what the program refuses, or the machine denies, becomes one sentence."""
        from annotator import models  # noqa: F401, PLC0415  # foreign keys by name need every table; --help does not

        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            from annotator.web.commandline import explained, refuse  # noqa: PLC0415  # Flask is slow to import

            sentence = explained(error)
            if sentence is None:
                raise
            refuse(sentence)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="annotator")
def main() -> None:
    """Volunteers write and improve the data that language models learn from, and keep their rights in it."""
