"""What the benchmark cannot do without, and what to do where it is missing. Others who are compared may be missing."""

from __future__ import annotations

import shutil
from collections.abc import Sequence

import click

from tests.databases import postgresql_folder


def missing(engines: Sequence[str]) -> list[str]:
    """One sentence for each thing that is missing, with the command that installs it."""
    told = []
    if shutil.which("wrk") is None:
        told.append("wrk, the load generator, is missing. On Debian and Ubuntu: apt-get install wrk")
    if "postgresql" in engines and postgresql_folder() is None:
        told.append("PostgreSQL's server programs are missing. On Debian and Ubuntu: apt-get install postgresql")
    return told


def refuse_where_missing(engines: Sequence[str]) -> None:
    """Stops with what is missing. Errors: ClickException."""
    told = missing(engines)
    if told:
        raise click.ClickException("\n".join(told))
