"""Makes the page of an answer: its own template where there is one, or the one that suits every list, total or record."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from flask import Flask, current_app, render_template, request
from jinja2 import Template

from api import __version__
from api.domain.errors import Fault, UnknownParameter
from api.drawings import bands
from api.pages import links, wording
from api.pages.citation import citation
from api.pages.differences import differences
from api.pages.evidence import contributions, passages, total_of
from api.pages.forms import forms
from api.pages.inlined import inlined
from api.pages.links import asked_as, with_pairs, with_value
from api.pages.relaxed import without_one
from api.pages.subrequests import Names, Subrequests, called
from api.pages.total_rows import alike, by_measure
from api.query.foreign_names import instead_of, pairs_instead_of
from api.query.lookup.groups import MEMBERSHIPS
from api.query.parsing import read
from api.records.markdown import markdown

# The answers that Markdown has a template for, each called as the view that it shows.
_MARKDOWN_PAGES = frozenset(file.name for file in (Path(__file__).parent.parent / "templates").glob("*.md"))
# What the application calls the folder of texts, where the operator names one.
_TEXTS_FOLDER = "TEXTS_FOLDER"
# The pages that every page leads to: a path, and its name.
MAIN_PAGES = (
    ("/", "Explore"),
    ("/v1/events", "Events"),
    ("/v1/casualties", "Casualties"),
    ("/v1/displacements", "Displacement"),
    ("/v1/groups", "Groups"),
    ("/v1/locations", "Places"),
    ("/v1/documents", "Documents"),
    ("/v1/datasets", "Datasets"),
    ("/v1/codebook", "Codebook"),
    ("/v1/methodology", "Method"),
    ("/docs/", "API"),
)


def page_of(body: bytes, revision: str) -> str:
    """The page of an answer in JSON to the current request, as HTML.

    Its template is called as its view, such as `list_events.html`, or as what its path gives of which resource; without one,
    an answer with rows is shown as a table and any other as what it says under each key.
    """
    answer = orjson.loads(body)
    described = _described()
    view = _view()
    general = "totals.html" if "additive" in answer else "list.html" if "data" in answer else "record.html"
    own = [f"{view}.html", f"{described.gives}_{described.endpoint.resource}.html", general]
    # Of records that lack keys no more is said than what they have.
    return _rendered(["list.html"] if "fields" in request.args else [*own], answer, revision)


def markdown_of(body: bytes, revision: str) -> str:
    """The Markdown of an answer in JSON to the current request: by a template of its view's, else as it says it."""
    view = _view()
    if f"{view}.md" not in _MARKDOWN_PAGES:
        return markdown(body).decode()
    return re.sub(r"\n{3,}", "\n\n", _rendered([f"{view}.md"], orjson.loads(body), revision))


def _view() -> str:
    """The name of the view that answers, whatever form the address ends in."""
    return str(current_app.view_functions[str(request.endpoint)].__name__)


def _rendered(templates: list[str | Template], answer: Any, revision: str) -> str:
    """An answer by the first of these templates that there is."""
    described = _described()
    subrequests = Subrequests()
    names = Names(subrequests, answer)
    return render_template(
        templates,
        answer=answer,
        revision=revision,
        base=request.url_root.rstrip("/"),
        ask=subrequests.ask,
        ask_or_none=subrequests.ask_or_none,
        called=lambda lines: called(subrequests, lines),
        names=names,
        passages=passages(current_app.config[_TEXTS_FOLDER], names),
        contributions=contributions(subrequests),
        total_of=total_of(subrequests),
        without_one=without_one(subrequests),
        asked=subrequests.asked,
        forms=forms(described.endpoint),
        cite=lambda: citation(answer, subrequests, revision),
    )


def problem_page(problem: Mapping[str, Any], faults: Sequence[Fault]) -> str:
    """The page of a problem with these faults: what was wrong, and links to what was perhaps meant."""
    found = (_mended(fault) for fault in faults if fault.parameter in request.args)
    mended = [address for address in found if address]
    return render_template("refused.html", problem=problem, faults=faults, mended=mended)


def _mended(fault: Fault) -> str | None:
    """The question that was perhaps meant, as an address; null where nothing is suggested, or it would be refused in turn."""
    name, meant = fault.parameter, fault.did_you_mean
    if meant is None:
        return None
    if fault.problem is not UnknownParameter:
        return with_value(name, meant, fault.value)
    value, described = request.args[name], _described()
    known = () if described is None else tuple(described.endpoint.by_name)
    if meant not in known:
        # A page that puts answers together does not declare its parameters.
        return asked_as(with_pairs(name, [(meant, value)]))
    is_foreign = instead_of(name, known) is not None
    instead = pairs_instead_of(name, value, known) if is_foreign else [(meant, value)]
    pairs = with_pairs(name, instead)
    wrong = {one.parameter for one in read(described.endpoint, pairs)[1]}
    return asked_as(pairs) if instead and wrong.isdisjoint(dict(instead)) else None


def _described() -> Any:
    """What the current view gives, as it is described (api/answers/routes.py); null where it is not."""
    return getattr(current_app.view_functions.get(str(request.endpoint)), "described", None)


def register(app: Flask, texts_folder: str) -> None:
    """Gives templates their words and drawings, and the place of the service below which all links lie."""
    app.config[_TEXTS_FOLDER] = texts_folder
    app.context_processor(lambda: {"root": request.script_root})
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(wording.FILTERS, differences=differences, by_measure=by_measure, alike=alike)
    app.jinja_env.globals.update(
        main_pages=MAIN_PAGES,
        version=__version__,
        band=bands.band,
        most=bands.most,
        memberships=MEMBERSHIPS,
        of_all_sides=wording.OF_ALL_SIDES,
        difference_words=wording.DIFFERENCES,
        pairing=wording.PAIRING,
        inlined=inlined,
        **links.GLOBALS,
    )
