"""The same view in other forms: links to its formats, and the request as a terminal, Python and R make it."""

from __future__ import annotations

from typing import NamedTuple

from flask import request

from api.pages.links import asked_as, question
from api.query.endpoint import Endpoint
from api.records.formats import HTML

# What a form is called where its own name will not do.
_LABELS = {"geojson": "GeoJSON", "parquet": "Parquet", "md": "Markdown"}


class Form(NamedTuple):
    """One other form of a view."""

    name: str
    address: str


class Forms(NamedTuple):
    """All other forms of a view: its formats, and how programs ask for it."""

    formats: list[Form]
    # A name and lines of code each.
    programs: list[tuple[str, str]]


def forms(endpoint: Endpoint) -> Forms:
    """The other forms of what this address gives, for the current question."""
    asked, offered, parameter = question(), endpoint.forms, endpoint.form_parameter
    links = [
        Form(_LABELS.get(name, name.upper()), asked_as([*asked, (parameter, name)])) for name in offered if name != HTML
    ]
    whole = f"{request.url_root.rstrip('/')}{asked_as(asked)}"
    if "csv" not in offered:
        read = f'import requests\n\nanswer = requests.get("{whole}").json()'
        read_in_r = f'library(jsonlite)\n\nanswer <- fromJSON("{whole}")'
    else:
        table = f"{request.url_root.rstrip('/')}{asked_as([*asked, (parameter, 'csv')])}"
        read = f'import pandas\n\ntable = pandas.read_csv("{table}")'
        read_in_r = f'library(readr)\n\ntable <- read_csv("{table}")'
    return Forms(links, [("curl", f"curl '{whole}'"), ("Python", read), ("R", read_in_r)])
