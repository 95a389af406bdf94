"""`annotator rights export`: a copy of everything about a person, made at the command line."""

import os
from pathlib import Path

import click

from annotator.accounts import queries as accounts
from annotator.errors import Conflict
from annotator.permissions import OPERATOR
from annotator.rights.mydata import actions, archive
from annotator.settings import load
from annotator.web.commandline import progress, session_scope


@click.command("export")
@click.argument("email")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(email: str, file: Path) -> None:
    """Write everything about the person with this EMAIL to FILE, a zip, for that person alone."""
    with session_scope(writes=True) as session:
        person = accounts.the_person(session, email)
        person_id = person.id
        actions.note_export(session, actor=OPERATOR, person=person)
    try:
        handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise Conflict("file_exists", file=str(file)) from error
    with os.fdopen(handle, "w+b") as target, session_scope() as session, progress("my data") as so_far:
        archive.write(session, person_id, target, settings=load(), progress=so_far)
    click.echo(f"Written: {file}. It is private: give it to its person, and delete it here.")
