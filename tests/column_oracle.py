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


# --- Columns of flat rows alone ----------------------------------------------------------------------------------


def _joined(values: Iterable[str | None]) -> str | None:
    """What there is of these values, each once and in their order, as one cell."""
    return "; ".join(sorted({value for value in values if value is not None})) or None


def _participants(role: str | None, what: str) -> Shown:
    """The ids or names of an event's groups of a role, or of all, in the order of their ids."""

    def shown(event: Record) -> Any:
        ids = sorted({part["group_id"] for part in event["groups"] if role in (None, part["role"])})
        return "; ".join(str(GROUPS[identity][what]) for identity in ids) or None

    return shown


def _administrative(level: str, what: str) -> Shown:
    return lambda record: next(
        (place[what] for place in KNOWN.around(record["location_id"]) if place["level"] == level), None
    )


def _said_of(record: Record) -> list[Record]:
    """The claims on a figure; the reports of an event and the claims on its figures."""
    if "claims" in record:
        return list(record["claims"])
    return [*record["reports"], *(claim for figure in record["figures"] for claim in figure["claims"])]


def _civilians(place: int) -> Shown:
    """A number of the total of the civilians killed in an event alone."""

    def shown(event: Record) -> Any:
        counted = {
            figure["id"]: figure
            for figure in event["figures"]
            if (figure["measure"], figure["unit"], figure["population"]) == ("killed", "person", "civilians")
        }
        return added(counted, counted)[place] if counted else None

    return shown


_FLAT_OF_BOTH: dict[str, Shown] = {
    "country": lambda record: KNOWN.places[record["location_id"]]["country"],
    **{
        f"admin{number}_{what}": _administrative(level, what)
        for number, level in enumerate(("state_or_region", "district", "township"), 1)
        for what in ("name", "pcode")
    },
    "documents": lambda record: _joined(said["document_id"] for said in _said_of(record)),
    "outlets": lambda record: _joined(KNOWN.outlet_of(said["document_id"]) for said in _said_of(record)),
    "claimants": lambda record: _joined(said["claimant"] for said in _said_of(record)),
}
FLAT: Mapping[str, dict[str, Shown]] = {
    "Event": {
        **_FLAT_OF_BOTH,
        **{
            name: _participants(None if role == "participant" else role, what)
            for role in ("attacker", "defender", "target", "participant")
            for name, what in ((f"{role}s", "id"), (f"{role}_names", "name"))
        },
        **{f"killed_civilians_{name}": _civilians(place) for place, name in enumerate(("low", "best", "high"))},
        "link": lambda event: f"http://localhost/v1/events/{event['id']}",
    },
    "Figure": {
        **_FLAT_OF_BOTH,
        "claims": lambda figure: len(figure["claims"]),
        "roots": lambda figure: KNOWN.corroboration_of(figure["claims"])["roots"],
        "link": lambda figure: f"http://localhost/v1/figures/{figure['id']}",
    },
}
# By the name of the shape.
COLUMNS: Mapping[str, dict[str, Shown]] = {"Event": EVENT, "Figure": FIGURE, "EventFigure": IN_EVENT}


def shown(shape: str, record: Record, keys: Iterable[str]) -> dict[str, Any]:
    """What these columns show of an event or figure."""
    wanted = list(keys)
    refuse_unknown(f"columns of {shape}", wanted, COLUMNS[shape])
    return {key: COLUMNS[shape][key](record) for key in wanted}
