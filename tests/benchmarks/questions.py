"""What is asked of the service: single filters, their combinations, totals, lists of names, facets."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations as pairs_of
from itertools import product
from urllib.parse import urlencode

from tests.benchmarks.facts import Facts
from tests.benchmarks.service import Service

Asked = tuple[tuple[str, str], ...]
# Triples are too many to ask for all of them; these are drawn from a seed. Of what excludes each other, each third is asked.
TRIPLES, SEED, EXCLUSIVE_STEP = 80, 1027, 3
# Three dimensions of a total are many as well.
TRIPLES_OF_DIMENSIONS = 40
# What totals are asked by beside one dimension: so many single filters and pairs of them.
FILTERS_OF_TOTALS, PAIRS_OF_TOTALS = 16, 12
NAMED = ("/v1/groups", "/v1/groups?sort=-events", "/v1/locations", "/v1/locations?sort=-events", "/v1/documents")
# What a page of filters shows beside its list.
FACETS = ("type", "country", "state_or_region", "group", "population", "verification")
TOTALS = "/v1/casualties/totals"
# More deaths than nearly all events have, and than any has.
MANY_DEAD, TOO_MANY_DEAD = "500", "100000"


@dataclass(frozen=True)
class Filters:
    """Single filters: those that many events pass, those that few do, and groups of them that no event passes."""

    frequent: list[Asked]
    rare: list[Asked]
    exclusive: list[Asked]


def events(*asked: Asked) -> str:
    """The path of a list of events."""
    pairs = [pair for one in asked for pair in one]
    return f"/v1/events?{urlencode(pairs)}" if pairs else "/v1/events"


def filters(facts: Facts) -> Filters:
    """The single filters that these data have something to say to."""
    latitude, longitude = facts.busiest_point
    country, state = facts.countries[0], facts.states[0]
    frequent_word, usual_word, rare_word = facts.words
    early, last_day = facts.early
    never, never_in = facts.stranger
    frequent: list[Asked] = [
        (("country", country),),
        (("group", facts.groups[0]),),
        (("group", facts.groups[1]),),
        (("group", early),),
        (("location", state),),
        (("type", "battles"),),
        (("type", "violence_against_civilians"),),
        (("subtype", "attack"),),
        (("date_from", "2015-01-01"),),
        (("date_to", "1995-12-31"),),
        (("location_precision", "exact"),),
        (("measure", "killed"),),
        (("population", "state_forces"),),
        (("best_min", "10"),),
        (("verification", "confirmed"),),
        (("claimant", facts.claimants[0]),),
        (("group_role", "attacker"),),
        (("q", frequent_word),),
        (("q", usual_word),),
        (("bbox", box(latitude, longitude, 3)),),
        (("near", f"{latitude:.3f},{longitude:.3f}"), ("radius_km", "500")),
    ]
    rare: list[Asked] = [
        (("group", facts.groups[-1]),),
        (("location", facts.towns[-1]),),
        (("document", facts.documents[len(facts.documents) // 2]),),
        (("claimant", facts.claimants[-1]),),
        (("best_min", MANY_DEAD),),
        (("q", rare_word),),
        (("date_from", "2001-03-03"), ("date_to", "2001-03-03")),
        (("bbox", box(latitude + 0.2, longitude, 0.05)),),
        (("near", f"{latitude + 0.2:.3f},{longitude:.3f}"), ("radius_km", "5")),
    ]
    exclusive: list[Asked] = [
        (("group", never), ("location", never_in)),
        (("group", early), ("date_from", (last_day + timedelta(days=400)).isoformat())),
        (("type", "battles"), ("subtype", "attack")),
        (("country", country), ("best_min", TOO_MANY_DEAD)),
        (("q", frequent_word), ("best_min", TOO_MANY_DEAD)),
        (("q", frequent_word), ("outcome", "captured"), ("date_to", "2000-01-01")),
        (("date_to", "2000-01-01"), ("outcome", "captured")),
        (("bbox", box(-latitude, longitude / -2, 0.5)), ("country", country)),
        (("location", state), ("near", f"{-latitude:.3f},{longitude / -2:.3f}"), ("radius_km", "50")),
        (("document", facts.documents[-1]), ("location", facts.towns[-1])),
    ]
    if len(facts.countries) > 1:
        exclusive.append((("country", facts.countries[1]), ("location", state)))
        exclusive.append((("country", facts.countries[1]), ("bbox", box(latitude, longitude, 0.5))))
    return Filters(frequent, rare, exclusive)


def box(latitude: float, longitude: float, degrees: float) -> str:
    """A box around a point: west, south, east, north."""
    west, east = max(longitude - degrees, -180), min(longitude + degrees, 180)
    south, north = max(latitude - degrees, -90), min(latitude + degrees, 90)
    return f"{west:.3f},{south:.3f},{east:.3f},{north:.3f}"


def combinations(facts: Facts) -> dict[str, list[str]]:
    """Lists with one, two and three filters, by how they combine them."""
    known = filters(facts)
    triples = list(pairs_of(known.frequent, 3)) + [
        (one, other, third) for one, other in pairs_of(known.frequent, 2) for third in known.rare
    ]
    random.Random(SEED).shuffle(triples)
    return {
        "one": _listed((one,) for one in (*known.frequent, *known.rare)),
        "frequent and frequent": _listed(pairs_of(known.frequent, 2)),
        "frequent and rare": _listed(product(known.frequent, known.rare)),
        "rare and rare": _listed(pairs_of(known.rare, 2)),
        "three": _listed(triples)[:TRIPLES],
        "exclusive": _listed((one,) for one in known.exclusive),
        "exclusive and frequent": _listed(product(known.exclusive, known.frequent))[::EXCLUSIVE_STEP],
    }


def _listed(several: Iterable[tuple[Asked, ...]]) -> list[str]:
    return [events(*asked) for asked in several if is_possible(asked)]


def is_possible(several: Sequence[Asked]) -> bool:
    """Whether the service takes these filters together: none of them twice, and no end before its start."""
    pairs = [pair for one in several for pair in one]
    asked = dict(pairs)
    return len(asked) == len(pairs) and asked.get("date_from", "") <= asked.get("date_to", "9")


def totals_by_one(facts: Facts, service: Service) -> list[str]:
    """Deaths by each dimension, with none, one and two filters."""
    known = filters(facts)
    single = [
        one for one in (*known.frequent, *known.rare) if _is_taken(service, TOTALS, one) and one[0][0] != "measure"
    ]
    step = max(len(single) // FILTERS_OF_TOTALS, 1)
    few = single[::step][:FILTERS_OF_TOTALS]
    pairs = [pair for pair in pairs_of(single, 2) if is_possible(pair)]
    random.Random(SEED).shuffle(pairs)
    asked: list[tuple[Asked, ...]] = [(), *((one,) for one in few), *pairs[:PAIRS_OF_TOTALS]]
    return [_total((dimension,), several) for dimension in service.dimensions for several in asked]


def totals_by_several(service: Service) -> list[str]:
    """Deaths by each two dimensions, and by some three, over everything."""
    triples = list(pairs_of(service.dimensions, 3))
    random.Random(SEED).shuffle(triples)
    several = [*pairs_of(service.dimensions, 2), *triples[:TRIPLES_OF_DIMENSIONS]]
    return [_total(dimensions, ()) for dimensions in several]


def _total(dimensions: Sequence[str], asked: Sequence[Asked]) -> str:
    pairs = [pair for one in asked for pair in one]
    return f"{TOTALS}?{urlencode([('measure', 'killed'), ('group_by', ','.join(dimensions)), *pairs], safe=',')}"


def named(facts: Facts, service: Service) -> list[str]:
    """Lists of groups, places and documents, with each filter that they take, and with none."""
    known = filters(facts)
    found: list[str] = []
    for path in NAMED:
        found.append(path)
        for one in (*known.frequent, *known.rare):
            if _is_taken(service, path.partition("?")[0], one) and one[0][0] != "q":
                found.append(f"{path}{'&' if '?' in path else '?'}{urlencode(one)}")
    return found


def _is_taken(service: Service, path: str, asked: Asked) -> bool:
    return all(service.takes(path, name) for name, _value in asked)


def facets(facts: Facts) -> list[str]:
    """Six facets beside the list of each frequent filter."""
    return [events(one, (("facets", ",".join(FACETS)),)) for one in filters(facts).frequent]


def periods(count: int, days: int) -> Iterator[tuple[date, date]]:
    """So many periods of so many days, all over the time that the data cover."""
    first, last = date(1989, 1, 1), date(2023, 12, 31)
    span = last - first - timedelta(days=days)
    for number in range(count):
        start = first + span * number / count
        yield start, start + timedelta(days=days)


def in_some_order(paths: Iterable[str]) -> list[str]:
    """The same paths, mixed, so that like questions do not follow each other."""
    listed = list(dict.fromkeys(paths))
    random.Random(SEED).shuffle(listed)
    return listed


def flattened(several: Mapping[str, Sequence[str]]) -> list[str]:
    """All paths of all kinds."""
    return [path for listed in several.values() for path in listed]
