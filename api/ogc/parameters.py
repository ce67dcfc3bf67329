"""What may stand in the query of an address of OGC API Features, and how it becomes a question of ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from marshmallow import ValidationError, fields

from api.domain.errors import Fault, InvalidValue, ParametersDisagree, refusal
from api.query.cql2_parsing import LANGUAGES, TEXT
from api.query.endpoint import Endpoint
from api.query.parameters import Code, Numbers, Parameter, Text, WholeNumber
from api.query.parsing import read
from api.query.standard_parameters import CURSOR, DEFAULT_LIMIT, MOST_LIMIT
from api.records.formats import HTML, JSON

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_EDGES = ("west", "south", "east", "north")
_LIMITS = ((-180.0, 180.0), (-90.0, 90.0)) * 2
_OPEN = ("", "..")


class Box(Numbers):
    """Four edges in degrees; of six numbers the two heights are not looked at."""

    def __init__(self) -> None:
        super().__init__(_EDGES, _LIMITS, metadata={"maxItems": 6})

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> list[Any]:
        parts = (value if isinstance(value, str) else ",".join(value)).split(",")
        flat = [*parts[:2], *parts[3:5]] if len(parts) == 6 else parts
        return super()._deserialize(",".join(flat), attr, data, **kwargs)


class Interval(fields.String):
    """A date or time, or two with a slash between, either of which may be open: its first and last day, null where open."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        parts = str(value).split("/")
        if len(parts) > 2 or (len(parts) == 1 and parts[0] in _OPEN):
            raise ValidationError(f"'{value}' is not a time, nor two such as 2023-11-01/2023-11-30")
        first, last = (None if part in _OPEN else _day(part) for part in (parts[0], parts[-1]))
        if first is not None and last is not None and first > last:
            raise ValidationError(f"'{value}' ends before it begins")
        return first, last


def _day(text: str) -> date:
    """The day in UTC of a date or time of RFC 3339."""
    try:
        # GDAL puts a T behind a date.
        if "T" not in text.upper().removesuffix("T"):
            return date.fromisoformat(text.removesuffix("T"))
        found = datetime.fromisoformat(text.upper().replace(" ", "+"))
        return (found if found.tzinfo is not None else found.replace(tzinfo=UTC)).astimezone(UTC).date()
    except (ValueError, OverflowError):
        raise ValidationError(f"'{text}' is not a date or time such as 2023-11-06T00:00:00Z") from None


F = Parameter("f", Code((JSON, HTML)), "The form of the answer; the Accept header works too.", JSON)
BBOX = Parameter(
    "bbox",
    Box(),
    "Only features whose geometry meets west,south,east,north in degrees; west over east crosses the antimeridian. Of six"
    " numbers the heights are not looked at.",
    "94,22,97,25",
)
DATETIME = Parameter(
    "datetime",
    Interval(metadata={"pattern": r"^[0-9TZtz:.+\-/ ]+$"}),
    "Only features whose period overlaps a day, or a period such as `2023-11-01/2023-11-30`, `2023-11-01/..` or"
    " `../2023-11-30`. Times are taken for their day in UTC.",
    "2023-11-01/2023-11-30",
    states_its_style=True,
)
ITEMS_LIMIT = Parameter(
    "limit",
    # Told and not refused: the standard has it so, and GDAL and OGC's own test suite read it here.
    WholeNumber(1, metadata={"default": DEFAULT_LIMIT, "maximum": MOST_LIMIT}),
    f"How many features a page has; where more than {MOST_LIMIT:,} are asked for, so many are given.",
    "10",
    states_its_style=True,
)
FILTER_LANG = Parameter("filter-lang", Code(LANGUAGES), f"The language of `filter`; `{TEXT}` unless it is said.", TEXT)
_CRS = (CRS84,)
FILTER_CRS = Parameter("filter-crs", Code(_CRS), "The reference system of positions in `filter`.", CRS84)
BBOX_CRS = Parameter("bbox-crs", Code(_CRS), "The reference system of `bbox`.", CRS84)
FILTER = Parameter(
    "filter",
    Text(),
    "Only features of which this holds, in CQL2: properties are listed at `queryables`.",
    "date_start >= DATE('2023-11-01')",
)
FILTERING = (FILTER, FILTER_LANG, FILTER_CRS)
# What every list of features takes, beside the filters of its resource.
ITEMS = (BBOX, BBOX_CRS, DATETIME, ITEMS_LIMIT, CURSOR, F)
# Filters of ours for which OGC API Features has a parameter of its own.
REPLACED_FILTERS = ("bbox",)


@dataclass(frozen=True)
class Address(Endpoint):
    """An address here, with the parameters that it takes."""

    takes: tuple[Parameter, ...] = (F,)
    form_parameter: str = F.name

    @property
    def forms(self) -> tuple[str, ...]:
        """Every format that it has, the default first."""
        return (*self.formats, HTML) if self.has_page else self.formats

    def parameters(self) -> tuple[Parameter, ...]:
        """What may stand in its query."""
        return self._with_examples(list(self.takes))


def with_one_period(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The same query, where `datetime` stands in it as two periods that are each open on one side, as the one that both
    leave: GDAL asks so for days, where another condition came before them."""
    periods = [text for name, text in pairs if name == "datetime"]
    first = [text.removesuffix("/..") for text in periods if text.endswith("/..")]
    last = [text.removeprefix("../") for text in periods if text.startswith("../")]
    if len(periods) != 2 or len(first) != 1 or len(last) != 1:
        return list(pairs)
    return [*(pair for pair in pairs if pair[0] != "datetime"), ("datetime", f"{first[0]}/{last[0]}")]


def given(address: Endpoint, pairs: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """The values that were given, by parameter. Errors: a Problem that tells every fault."""
    values, faults = read(address, pairs)
    box = values.get("bbox")
    if box is not None and box[1] > box[3]:
        faults.append(Fault("bbox", f"'bbox' has its south ({box[1]:g}) above its north ({box[3]:g}).", InvalidValue))
    for name in ("date_from", "date_to"):
        if name in values and "datetime" in values:
            faults.append(Fault(name, f"'{name}' and 'datetime' both say when; give one of them.", ParametersDisagree))
    if faults:
        raise refusal(faults)
    return values


def as_ours(values: Mapping[str, Any], pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The same query in the names of the resources, with a limit that they take."""
    skipped = ("bbox", "bbox-crs", "datetime", "limit", "f")
    found = [(name, written) for name, written in pairs if name not in skipped]
    if "bbox" in values:
        found.append(("bbox", ",".join(map(repr, values["bbox"]))))
    for name, day in zip(("date_from", "date_to"), values.get("datetime", ()), strict=False):
        if day is not None:
            found.append((name, day.isoformat()))
    found.append(("limit", str(min(values.get("limit", DEFAULT_LIMIT), MOST_LIMIT))))
    return found
