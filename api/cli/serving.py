"""Commands that answer: serve over HTTP and to assistants, and write the description of the API."""

from __future__ import annotations

import os
from pathlib import Path

import click

from api.cli.database import Refused, refuse_missing_file, refuse_unusable_folder, settings_of_environment
from api.server.serving import CannotListen, serve


@click.command("serve")
@click.option("--host", help="The address to serve at, in place of the setting.")
@click.option("--port", type=click.IntRange(1, 65535), help="The port, in place of the setting.")
def serve_command(host: str | None, port: int | None) -> None:
    """Serve the API with granian, as the settings say."""
    # Workers read the environment too.
    told = {"CONFLICT_EVENTS_HOST": host, "CONFLICT_EVENTS_PORT": port}
    os.environ.update({name: str(value) for name, value in told.items() if value is not None})
    settings = settings_of_environment()
    refuse_missing_file(settings)
    refuse_unusable_folder(settings)
    try:
        own = f"http://{settings.host}:{settings.port}"
        # Where public addresses are named, the service refuses its own.
        serve(settings, lambda: _greet(settings.public_urls.split(",")[0].strip().rstrip("/") or own))
    except CannotListen as error:
        raise Refused(str(error)) from error


def _greet(address: str) -> None:
    """Says where the service is, and three things to ask it."""
    click.echo(
        f"""
The explorer   {address}/
The manual     {address}/docs/

Three questions to try:
  curl '{address}/v1/casualties/totals?measure=killed&group_by=population'
  curl '{address}/v1/events?group=AA&location=Rakhine'
  curl '{address}/v1/displacements?format=csv'
"""
    )


@click.command("openapi")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), default=Path("openapi.yaml"))
def openapi_command(output: Path) -> None:
    """Write the description of the API to a file."""
    from api.answers.description import description
    from api.app import create_app
    from api.resources.about import as_yaml

    app = create_app(settings_of_environment())
    with app.app_context():
        output.write_text(as_yaml(description(app)), encoding="utf-8")
    click.echo(f"Wrote {output}.")


@click.command("mcp")
@click.option(
    "--url", help="Ask the service at this address; without it, the database that the settings name, in process."
)
def mcp_command(url: str | None) -> None:
    """Serve assistants over standard input and output, by the Model Context Protocol (needs the extra `mcp`)."""
    try:
        from api.assistants.server import server
    except ModuleNotFoundError as error:
        raise Refused("It needs the extra: pip install 'conflict-events-api[mcp]'.") from error
    from api.app import create_app
    from api.assistants.client import in_process, over_http

    if url is not None:
        server(over_http(url)).run()
        return
    settings = settings_of_environment()
    refuse_missing_file(settings)
    server(in_process(create_app(settings))).run()
