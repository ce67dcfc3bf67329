"""Questions that flat tables can answer as well: the same list or total for us, for Datasette, for ROAPI and for DuckDB."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from tests.benchmarks.facts import VALUES, Facts
from tests.benchmarks.flat import EVENTS
from tests.benchmarks.questions import TOTALS, Asked, box, events, periods

# A page of ours has as many.
PAGE = 100
# Points are told of these alone, the others being the middle of an area.
DRAWN = "location_precision IN ('exact', 'near', 'township', 'district')"
YEAR, THREE_YEARS = 365, 3 * 365
# Half the height of a box in degrees, the radius of a circle in kilometres, and how far one lies from the next.
HALF_BOX, RADIUS_KM, STEP, POINTS = 0.25, 25, 0.05, 20
# Kilometres of a degree of latitude, at the least, and of the Earth's radius.
KM_A_DEGREE, EARTH_KM = 110, 6371.0088
# At a pole a box of so many degrees would be all around.
WIDEST = 180


@dataclass(frozen=True)
class Dialect:
    """What differs between the three: how a day and a month are written, and how a word is looked for."""

    day: Callable[[str], str]
    month: Callable[[str], str]
    word: Callable[[str], str]


SQLITE = Dialect(
    lambda day: f"'{day}'",
    lambda column: f"substr({column}, 1, 7)",
    lambda word: f"rowid IN (SELECT rowid FROM events_words WHERE events_words MATCH '{word}')",
)
# DataFusion and DuckDB.
COLUMNAR = Dialect(
    lambda day: f"DATE '{day}'",
    lambda column: f"date_trunc('month', {column})",
    lambda word: f"words LIKE '% {word} %'",
)
Condition = Callable[[Dialect], str]


@dataclass(frozen=True)
class Question:
    """A question for us, and the same for the others, once for each dialect."""

    path: str
    sql: Callable[[Dialect], str]


@dataclass(frozen=True)
class _Filter:
    asked: Asked
    condition: Condition


def _is(name: str, column: str, value: str) -> _Filter:
    return _Filter(((name, value),), lambda _dialect: f"{column} = '{value}'")


def _group(value: str) -> _Filter:
    return _Filter((("group", value),), lambda _dialect: f"(group_a = '{value}' OR group_b = '{value}')")


def _period(first: str, last: str) -> _Filter:
    return _Filter(
        (("date_from", first), ("date_to", last)),
        lambda dialect: f"date_start <= {dialect.day(last)} AND date_end >= {dialect.day(first)}",
    )


def _box(latitude: float, longitude: float) -> _Filter:
    written = box(latitude, longitude, HALF_BOX)
    west, south, east, north = written.split(",")
    inside = f"latitude BETWEEN {south} AND {north} AND longitude BETWEEN {west} AND {east} AND {DRAWN}"
    return _Filter((("bbox", written),), lambda _dialect: inside)


def _circle(latitude: float, longitude: float) -> _Filter:
    degrees = RADIUS_KM / KM_A_DEGREE
    around = (
        f"latitude BETWEEN {latitude - degrees:.4f} AND {latitude + degrees:.4f} AND "
        f"2 * {EARTH_KM} * asin(sqrt(power(sin(radians(latitude - {latitude:.4f}) / 2), 2) + "
        f"cos(radians({latitude:.4f})) * cos(radians(latitude)) * "
        f"power(sin(radians(longitude - {longitude:.4f}) / 2), 2))) <= {RADIUS_KM} AND {DRAWN}"
    )
    asked = (("near", f"{latitude:.4f},{longitude:.4f}"), ("radius_km", str(RADIUS_KM)))
    return _Filter(asked, lambda _dialect: around)


def lists(facts: Facts) -> dict[str, list[Question]]:
    """Lists of a hundred events with an exact total, by name; each asks its values in turn."""
    latitude, longitude = facts.busiest_point
    around = [(latitude + STEP * number, longitude - STEP * number) for number in range(POINTS)]
    years = [_period(first.isoformat(), last.isoformat()) for first, last in periods(VALUES, YEAR)]
    three_years = [_period(first.isoformat(), last.isoformat()) for first, last in periods(VALUES, THREE_YEARS)]
    groups = [_group(value) for value in facts.groups[:VALUES]]
    states = [_is("location", "state", value) for value in facts.states[:VALUES]]
    countries = [_is("country", "country", value) for value in facts.countries[:VALUES]]
    types = [_is("type", "type", value) for value in facts.types]
    words = [_Filter((("q", word),), lambda dialect, word=word: dialect.word(word)) for word in facts.words]  # type: ignore[misc]  # bound early
    several: dict[str, list[tuple[_Filter, ...]]] = {
        "newest 100": [()],
        "by country": [(one,) for one in countries],
        "by group": [(one,) for one in groups],
        "by state": [(one,) for one in states],
        "by place": [(_is("location", "place", value),) for value in facts.towns[-VALUES:]],
        "by type": [(one,) for one in types],
        "by period": [(one,) for one in years],
        "box": [(_box(*point),) for point in around],
        "circle": [(_circle(*point),) for point in around],
        "word": [(one,) for one in words],
        "group and period": list(_in_turn(groups, three_years)),
        "state and type": list(_in_turn(states, types)),
        "word and state": list(_in_turn(words[:2], states)),
        "country, period and type": list(_in_turn(countries, three_years, types)),
        "group, state and period": list(_in_turn(groups[:8], states, three_years)),
    }
    return {name: [_list(chosen) for chosen in listed] for name, listed in several.items()}


def _in_turn(*several: Sequence[_Filter]) -> Iterator[tuple[_Filter, ...]]:
    """As many combinations as values are asked in turn; each list goes around as often as it has to."""
    for number in range(VALUES):
        yield tuple(listed[number % len(listed)] for listed in several)


def _list(chosen: Sequence[_Filter]) -> Question:
    def sql(dialect: Dialect) -> str:
        where = _where([one.condition(dialect) for one in chosen])
        # So both are quickest: beside the rows themselves, a count in the same query is put together for all of them.
        return (
            f"SELECT * FROM (SELECT {_SHOWN} FROM events{where} ORDER BY date_start DESC, id DESC LIMIT {PAGE}) AS page, "
            f"(SELECT count(*) AS total FROM events{where}) AS counted"
        )

    return Question(events(*(one.asked for one in chosen)), sql)


# All but the words, which are there to be searched.
_SHOWN = ", ".join(name for name in EVENTS if name != "words")


def _where(conditions: Sequence[str]) -> str:
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""


def totals(facts: Facts) -> dict[str, list[Question]]:
    """Totals of deaths by name. The others add plainly, wholes and their parts alike."""
    groups = [_group(value) for value in facts.groups[:VALUES]]
    states = [_is("location", "state", value) for value in facts.states[:VALUES]]
    types = [_is("type", "type", value) for value in facts.types]
    country = _is("country", "country", facts.countries[0])
    three_years = [_period(first.isoformat(), last.isoformat()) for first, last in periods(VALUES, THREE_YEARS)]
    return {
        "deaths by month": [_total(("month",), ())],
        "deaths by type": [_total(("type",), ())],
        "deaths by state": [_total(("state_or_region",), ())],
        "deaths by population": [_total(("population",), ())],
        "deaths by claimant": [_total(("claimant",), ())],
        "deaths by month and state of a country": [_total(("month", "state_or_region"), (country,))],
        "deaths by month of a group": [_total(("month",), (one,)) for one in groups],
        "deaths by population of a state": [_total(("population",), (one,)) for one in states],
        "deaths by month of a state and a type": [_total(("month",), both) for both in _in_turn(states, types)],
        "deaths by state of a period": [_total(("state_or_region",), (one,)) for one in three_years],
    }


# What a dimension is called in the flat tables, where it is called otherwise.
_COLUMNS = {"state_or_region": "state"}


def _total(dimensions: Sequence[str], chosen: Sequence[_Filter]) -> Question:
    def sql(dialect: Dialect) -> str:
        keys = [dialect.month("date_start") if name == "month" else _COLUMNS.get(name, name) for name in dimensions]
        where = _where(["measure = 'killed'", *(one.condition(dialect) for one in chosen)])
        listed = ", ".join(keys)
        return (
            f"SELECT {listed}, sum(low) AS low, sum(best) AS best, sum(high) AS high, count(*) AS figures "
            f"FROM figures{where} GROUP BY {listed}"
        )

    pairs = [("measure", "killed"), ("group_by", ",".join(dimensions)), *(p for one in chosen for p in one.asked)]
    return Question(f"{TOTALS}?{urlencode(pairs, safe=',')}", sql)


def at_datasette(sql: str, database: str) -> str:
    """The path that asks Datasette this."""
    return f"/{database}.json?{urlencode({'sql': sql, '_shape': 'array'})}"
