"""The command line: every command of `conflict-events`."""

from __future__ import annotations

from importlib import import_module

import click

from api import __version__

# Each module's commands. Only that of the command which is asked for is imported, since all of them take a second.
_COMMANDS = {
    name: module
    for module, names in {
        "loading": ("migrate", "load", "import", "remove"),
        "checking": ("check", "columns", "match"),
        "operating": ("doctor", "status", "backup", "restore"),
        "serving": ("serve", "mcp", "openapi"),
    }.items()
    for name in names
}


class _Commands(click.Group):
    """Commands that are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"api.cli.{_COMMANDS[cmd_name]}"), f"{cmd_name}_command")
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="conflict-events")
def main() -> None:
    """Structured conflict-event data, with evidence for each value."""
