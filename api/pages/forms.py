"""The same view in other forms: links to its formats, and the request as a terminal, Python and R make it."""

from __future__ import annotations

from typing import NamedTuple

from flask import request

from api.pages.links import asked_as, question
from api.query.endpoint import Endpoint
from api.query.parsing import goes_with
from api.records.formats import HTML, JSON, PAGES

# What a form is called where its own name will not do.
_LABELS = {"geojson": "GeoJSON", "parquet": "Parquet", "md": "Markdown"}
# What only some forms have. Others are offered without it.
_OF_SOME_FORMS = ("facets", "boundaries")


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
    parameter = endpoint.form_parameter
    offered = {
        name: asked for name in endpoint.forms if name != HTML and (asked := _asked_for(endpoint, name)) is not None
    }
    links = [
        Form(_LABELS.get(name, name.upper()), asked_as([*asked, (parameter, name)])) for name, asked in offered.items()
    ]
    whole = f"{request.url_root.rstrip('/')}{asked_as(question())}"
    if "csv" not in offered:
        read = f'import requests\n\nanswer = requests.get("{whole}").json()'
        read_in_r = f'library(jsonlite)\n\nanswer <- fromJSON("{whole}")'
    else:
        table = f"{request.url_root.rstrip('/')}{asked_as([*offered['csv'], (parameter, 'csv')])}"
        read = f'import pandas\n\ntable = pandas.read_csv("{table}")'
        read_in_r = f'library(readr)\n\ntable <- read_csv("{table}")'
    return Forms(links, [("curl", f"curl '{whole}'"), ("Python", read), ("R", read_in_r)])


def _asked_for(endpoint: Endpoint, form: str) -> list[tuple[str, str]] | None:
    """What to ask for this form: the current question, without what only others have; null where it has no answer in it."""
    asked = question()
    plain = [pair for pair in asked if pair[0] not in _OF_SOME_FORMS]
    # Pages are made of the answer in JSON.
    format_ = JSON if form in PAGES else form
    return next((pairs for pairs in (asked, plain) if goes_with(endpoint, pairs, format_)), None)
