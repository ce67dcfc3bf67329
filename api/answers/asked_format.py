"""Which format an answer is asked in: by `format`, by the ending of the address, or by the Accept header."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flask import current_app, request
from werkzeug.datastructures import MIMEAccept

from api.answers.posted_questions import pairs_in_address, posted_pairs
from api.domain.errors import (
    Fault,
    InvalidValue,
    NotAcceptable,
    ParametersDisagree,
    RepeatedParameter,
    nearest,
    refusal,
)
from api.query.foreign_names import value_instead_of
from api.query.parsing import read
from api.records.formats import HTML, JSON, MEDIA_TYPES, PAGES


def written_pairs() -> list[tuple[str, str]]:
    """The query as it was written, or posted, repeated names included."""
    return posted_pairs() if request.method == "POST" else pairs_in_address()


def format_or_page_asked(formats: Sequence[str]) -> str:
    """The one of these formats that is asked for, or a form in which a page shows the JSON; of a posted question nothing is shown.

    Errors: as format_asked.
    """
    return format_asked(formats if request.method == "POST" else (*formats, *PAGES))


def format_asked(formats: Sequence[str]) -> str:
    """The one of these formats that is asked for; the first, where the request names none.

    Errors: a `format` that is not here is a bad parameter (400); an Accept header that names nothing we have is 406.
    """
    written = [text for name, text in written_pairs() if name == "format"]
    if len(written) > 1:
        raise refusal([Fault("format", "'format' is given twice; it takes one value.", RepeatedParameter)])
    # As all codes it is read in any case.
    named = [text.strip().casefold() for text in written]
    ending = None if request.url_rule is None else ending_of(request.url_rule.rule)
    if ending is not None and ending in formats:
        if named not in ([], [ending]):
            told = f"'format' is {written[0]}, and the address ends in .{ending}; give the one or the other."
            raise refusal([Fault("format", told, ParametersDisagree)])
        return ending
    for name in named:
        if name not in formats:
            message = f"'{written[0]}' is not a format of this address; it has {', '.join(formats)}."
            close = value_instead_of(name, formats) or next(iter(nearest(name, formats)), None)
            fault = Fault("format", message, InvalidValue, did_you_mean=close, allowed=formats)
            raise refusal([fault, *_other_faults()])
        return name
    by_type = {MEDIA_TYPES[name]: name for name in formats}
    return by_type[type_accepted(by_type)]


def _other_faults() -> list[Fault]:
    """What cannot be read of the question beside its format."""
    described = getattr(current_app.view_functions[str(request.endpoint)], "described", None)
    pairs = [pair for pair in written_pairs() if pair[0] != "format"]
    return [] if described is None else read(described.endpoint, pairs)[1]


def ending_of(rule: str) -> str | None:
    """The form that the last step of a route ends in, `csv` of `/v1/events.csv`; null of one without."""
    _stem, dot, form = rule.rpartition("/")[2].rpartition(".")
    return form if dot and "<" not in form else None


def type_accepted(media_types: Iterable[str]) -> str:
    """The one of these media types that the Accept header likes best; the first, where there is no such header.

    Errors: 406, where none of them will do.
    """
    offered = list(dict.fromkeys(media_types))
    best = _best_accepted(offered)
    if best is None:
        raise NotAcceptable(f"This address gives {', '.join(offered)}.")
    return best


def prefers_page(*media_types: str) -> bool:
    """Whether a page is wanted rather than data of one of these types."""
    return request.args["format"].casefold() == HTML if "format" in request.args else is_browser(*media_types)


def is_browser(*media_types: str) -> bool:
    """Whether the Accept header likes HTML better than JSON or any of these types."""
    return _best_accepted([*media_types, MEDIA_TYPES[JSON], MEDIA_TYPES[HTML]]) == MEDIA_TYPES[HTML]


def _best_accepted(offered: Sequence[str]) -> str | None:
    if not request.accept_mimetypes:
        return offered[0]
    # Whatever parameters a client names, such as a version, the type is what it asks for.
    plain = [(accepted.partition(";")[0].rstrip(), quality) for accepted, quality in request.accept_mimetypes]
    return MIMEAccept(plain).best_match(offered)
