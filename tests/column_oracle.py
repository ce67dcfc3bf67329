"""What each column of an event or figure of the small invented world has to show, in plain Python, column by column.

A new column is a line here, and until it is, whoever asks for it is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tests.filter_oracle import CONTEXT, family_of
from tests.known import Record, refuse_unknown
from tests.list_oracle import EVENTS, FIGURES, KNOWN
from tests.small_world import GROUPS
from tests.totals_oracle import added, adds

Shown = Callable[[Record], Any]
# Measures whose totals stand in an event's flat row.
FLAT_MEASURES = ("killed", "injured", "captured", "displaced")


def _plain(*names: str) -> dict[str, Shown]:
    return {name: lambda record, name=name: record[name] for name in names}


def _date(record: Record) -> Any:
    return {
        "start": record["date_start"].isoformat(),
        "end": record["date_end"].isoformat(),
        "precision": record["date_precision"],
    }


def _location(record: Record) -> Any:
    place = KNOWN.places[record["location_id"]]
    latitude, longitude = KNOWN.point_of(record) or (None, None)
    return {
        **{name: place[name] for name in ("id", "name", "level", "pcode", "country")},
        "precision": record["location_precision"],
        "latitude": latitude,
        "longitude": longitude,
        "path": [
            {name: step[name] for name in ("id", "name", "level")} for step in reversed(list(KNOWN.around(place["id"])))
        ],
    }


def _said(said: Record) -> dict[str, Any]:
    return {
        "document": said["document_id"],
        **{name: said[name] for name in ("claimant", "chain", "verification", "spans")},
    }


def _claims(figure: Record) -> Any:
    bounds = ("population", "qualifier", "low", "best", "high")
    return [
        {**_said(claim), **{name: claim[name] for name in bounds}, "preferred": claim["is_preferred"]}
        for claim in figure["claims"]
    ]


def _part(part: Record) -> Any:
    group = GROUPS[part["group_id"]]
    return {
        **{name: group[name] for name in ("id", "name", "acronym")},
        "role": part["role"],
        "certainty": part["certainty"],
    }


def _reference(event: str | None) -> Any:
    return None if event is None else {"id": event, "title": EVENTS[event]["title"]}


def _total(measure: str, place: int) -> Shown:
    """A number of the total of one measure in an event alone; null where nothing is counted."""

    def shown(event: Record) -> Any:
        counted = {
            figure["id"]: figure
            for figure in event["figures"]
            if figure["measure"] == measure and figure["unit"] == "person"
        }
        return added(counted, counted)[place] if counted else None

    return shown


def _adds(place: int) -> Shown:
    """A number that a figure adds to the total of everything; null of one without a number, or of no total."""

    def shown(figure: Record) -> Any:
        if family_of(figure) == CONTEXT or figure["status"] not in ("numbered", "none_reported"):
            return None
        return adds(figure, FIGURES, FIGURES, frozenset())[place]

    return shown


def _kept(path: str) -> dict[str, Shown]:
    return {
        "updated_at": lambda record: KNOWN.changed_at[record["id"]],
        "links": lambda record: {"self": f"/v1/{path}/{record['id']}"},
    }


_OF_BOTH: Mapping[str, Shown] = {"date": _date, "location": _location}
IN_EVENT: dict[str, Shown] = {
    **_plain("id", "measure", "population", "object", "sex", "age", "cause", "term", "unit"),
    **_plain("low", "best", "high", "open_ended", "qualifier", "status", "part_of", "nesting", "reason"),
    **_OF_BOTH,
    "family": family_of,
    "contains": lambda figure: sorted(one["id"] for one in FIGURES.values() if one["part_of"] == figure["id"]),
    "corroboration": lambda figure: KNOWN.corroboration_of(figure["claims"]),
    "claims": _claims,
}
FIGURE: dict[str, Shown] = {
    **IN_EVENT,
    **_plain("dataset"),
    "event": lambda figure: _reference(figure["event"]),
    **{f"adds_{name}": _adds(place) for place, name in enumerate(("low", "best", "high"))},
    **_kept("figures"),
}
EVENT: dict[str, Shown] = {
    **_plain(
        "id", "dataset", "release", "kind", "type", "subtype", "title", "summary", "outcome", "coding_status", "codes"
    ),
    **_OF_BOTH,
    "part_of": lambda event: _reference(event["part_of"]),
    "groups": lambda event: [_part(part) for part in event["groups"]],
    **{
        f"{measure}_{name}": _total(measure, place)
        for measure in FLAT_MEASURES
        for place, name in enumerate(("low", "best", "high", "open_ended"))
    },
    "figures": lambda event: [
        {key: show(FIGURES[figure["id"]]) for key, show in IN_EVENT.items()} for figure in event["figures"]
    ],
    "reports": lambda event: [_said(report) for report in event["reports"]],
    **_kept("events"),
}
# By the name of the shape.
COLUMNS: Mapping[str, dict[str, Shown]] = {"Event": EVENT, "Figure": FIGURE, "EventFigure": IN_EVENT}


def shown(shape: str, record: Record, keys: Iterable[str]) -> dict[str, Any]:
    """What these columns show of an event or figure."""
    wanted = list(keys)
    refuse_unknown(f"columns of {shape}", wanted, COLUMNS[shape])
    return {key: COLUMNS[shape][key](record) for key in wanted}
