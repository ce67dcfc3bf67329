"""Pages to look at that put together what several addresses answer: comparisons, and what changed."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response

from api.answers.asked_format import format_asked
from api.answers.responses import WholeAnswer, answered
from api.answers.routes import describe_page
from api.answers.service_pages import service_page
from api.columns.snapshot import Snapshot
from api.explorer.changes import changes_page
from api.explorer.compare import compare_page
from api.records.formats import HTML, MEDIA_TYPES

BLUEPRINT = Blueprint("explorer", __name__)


@BLUEPRINT.get("/compare")
@describe_page(service_page("/compare"), {MEDIA_TYPES[HTML]: None})
def get_comparison() -> Response:
    """Two datasets, sources or periods side by side, with the reason of the difference, as a page.

    `/v1/comparisons` and the totals say the same in JSON. The filters are called as theirs, and stand in the address.
    """
    return _shown(compare_page)


@BLUEPRINT.get("/since")
@describe_page(service_page("/since"), {MEDIA_TYPES[HTML]: None})
def get_changes_page() -> Response:
    """What is new, changed and withdrawn since a load, a revision or a day, as a page.

    `/v1/changes` and `/v1/releases` say the same in JSON; `since`, `dataset` and `record` are called as theirs.
    """
    return _shown(changes_page)


def _shown(make: Callable[[], str]) -> Response:
    """A page that no JSON of its own stands behind."""

    def nothing(_snapshot: Snapshot, _format: str) -> WholeAnswer:
        return WholeAnswer(b"", MEDIA_TYPES[HTML], ())

    return answered(format_asked((HTML,)), nothing, show=lambda _body, _revision: make())
