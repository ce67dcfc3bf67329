"""The forms that an answer may have, and which one was asked for. Knows neither Flask nor how a form is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from api.declare.values import Code, Parameter
from api.errors import Fault, InvalidValue, NotAcceptable, nearest, refuse

JSON, CSV, GEOJSON, NDJSON = "json", "csv", "geojson", "ndjson"
# What each format is called in HTTP; the first is the default.
MEDIA_TYPES: Mapping[str, str] = {
    JSON: "application/json",
    CSV: "text/csv",
    GEOJSON: "application/geo+json",
    NDJSON: "application/x-ndjson",
}
FORMAT_OF_RECORD = Parameter("format", Code((JSON,)), "The form of the answer.", JSON)


def choose_format(formats: Sequence[str], written: str | None, accepted: Callable[[Sequence[str]], str | None]) -> str:
    """The format that was asked for, by parameter or by Accept header.

    `accepted` gives the best of these media types for the header, or null. Errors: a `format` that is not here is a bad
    parameter (400); an Accept header that names nothing we have is 406.
    """
    if written is not None:
        if written not in formats:
            message = f"'{written}' is not a format of this address; it has {', '.join(formats)}."
            close = nearest(written, formats)
            raise refuse(
                [Fault("format", message, InvalidValue, did_you_mean=close[0] if close else None, allowed=formats)]
            )
        return written
    best = accepted([MEDIA_TYPES[name] for name in formats])
    for name in formats:
        if MEDIA_TYPES[name] == best:
            return name
    raise NotAcceptable(f"This address gives {', '.join(MEDIA_TYPES[name] for name in formats)}.")
