"""What the benchmark needs beside the test dependencies, and what to do where it is missing."""

from __future__ import annotations

import importlib.util
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
    if importlib.util.find_spec("datasette") is None:
        told.append("Datasette is missing. `make bench` installs it; by hand: pip install 'datasette>=0.65'")
    return told


def refuse_where_missing(engines: Sequence[str]) -> None:
    """Stops with what is missing. Errors: ClickException."""
    told = missing(engines)
    if told:
        raise click.ClickException("\n".join(told))
