"""The command line: every command of `conflict-events`."""

from __future__ import annotations

import click

from api import __version__
from api.cli.checking import check_command, columns_command, match_command
from api.cli.loading import import_command, load_command, migrate_command, remove_command
from api.cli.operating import backup_command, doctor_command, restore_command, status_command
from api.cli.serving import mcp_command, openapi_command, serve_command


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="conflict-events")
def main() -> None:
    """Structured conflict-event data, with evidence for each value."""


for _command in (
    *(migrate_command, load_command, import_command, remove_command),
    *(check_command, columns_command, match_command),
    *(doctor_command, status_command, backup_command, restore_command),
    *(serve_command, mcp_command, openapi_command),
):
    main.add_command(_command)
