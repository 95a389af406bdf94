"""What a check of the installation found, and how it is shown."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import click

_COLOURS = {"fine": "green", "note": "yellow", "wrong": "red"}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: fine, worth a note, or wrong; ``detail`` says how to mend what is not fine."""

    name: str
    state: Literal["fine", "note", "wrong"]
    detail: str


def show(findings: Iterable[Finding]) -> None:
    """Print one line for each finding; its state stands in words, the colour is only for the eye."""
    findings = list(findings)
    width = max((len(finding.name) for finding in findings), default=0)
    for finding in findings:
        state = click.style(f"{finding.state:<5}", fg=_COLOURS[finding.state])
        click.echo(f"{state}  {finding.name:<{width}}  {finding.detail}")
