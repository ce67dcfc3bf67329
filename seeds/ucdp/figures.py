"""What UCDP's events cost: its counts of the dead as figures and claims. Knows no place and no side but whose dead they are.

The whole of the dead has UCDP's low, best and high and the population `mixed`. The dead of side A, side B, civilians and
unknown are certain parts of it where they are not 0, with `best` alone: UCDP gives no bounds for them, and as exact numbers
they would raise the whole's low. So totals by population add to `best`, and the whole's own row is what no part accounts for.

UCDP prints no word with its numbers, and its bounds are its own and no rule's, so neither figures nor claims have a qualifier.

What the publisher printed stays in the claim. Where its low or high is on the wrong side of its best, the figure's bounds
are put in order, best as it is. A best of 0 is the publisher's statement and stays 0.
"""

from __future__ import annotations

from collections.abc import Sequence

from api.kinds import Record
from seeds.importer.csv_file import CSVFile
from seeds.ucdp.sources import DATASET, said

# In the order in which `Figures.of` takes them.
COUNTS = ("deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown", "best", "high", "low")
_PUT_IN_ORDER = "the publisher's bounds are out of order, so low and high are moved to enclose its best"


class Figures:
    """The figures of one file, whose report is told what is odd about them."""

    def __init__(self, file: CSVFile) -> None:
        self._file = file

    def of(
        self, event: str, counts: Sequence[int], populations: tuple[str, str], shared: Record, verification: str
    ) -> list[Record]:
        """The figures of one event: the whole of the dead, then the parts that are not 0.

        `populations` says whose dead those of side A and side B are; `shared` is the event's own period and place.
        """
        deaths_a, deaths_b, civilians, unknown, best, high, low = counts
        report = self._file.report
        identity = f"{event}-killed"
        bounds, reason = (low, best, high), None
        if not low <= best <= high:
            report.repair("bounds out of order", self._file.line, f"{event}: {low} / {best} / {high}")
            bounds, reason = (min(low, best), best, max(high, best)), _PUT_IN_ORDER
        if best == 0:
            report.note("a best of 0 stays what the publisher states", self._file.line, f"{event}: {low} / 0 / {high}")
        claim = _claim(verification, low, best, high)
        figures = [_figure(identity, "mixed", bounds, claim, shared, None)]
        figures[0]["reason"] = reason
        parts = deaths_a + deaths_b + civilians + unknown
        if parts > best:
            example = f"{event}: {deaths_a} + {deaths_b} + {civilians} + {unknown} of {best}"
            report.repair("deaths by side that come to more than best are left out", self._file.line, example)
        elif parts:
            for name, count, population in (
                ("a", deaths_a, populations[0]),
                ("b", deaths_b, populations[1]),
                ("civilians", civilians, "civilians"),
                ("unknown", unknown, "unspecified"),
            ):
                if count:
                    claim = _claim(verification, None, count, None)
                    alone = (None, count, None)
                    figures.append(_figure(f"{identity}-{name}", population, alone, claim, shared, identity))
        return figures


def _claim(verification: str, low: int | None, best: int, high: int | None) -> Record:
    claim = said(DATASET, verification)
    claim["qualifier"] = None
    claim["low"], claim["best"], claim["high"] = low, best, high
    claim["is_preferred"] = True
    return claim


def _figure(
    identity: str,
    population: str,
    bounds: tuple[int | None, int, int | None],
    claim: Record,
    shared: Record,
    part_of: str | None,
) -> Record:
    low, best, high = bounds
    return {
        "id": identity,
        "family": "casualty",
        "measure": "killed",
        "population": population,
        "object": None,
        "sex": "unspecified",
        "term": None,
        "unit": "person",
        "low": low,
        "best": best,
        "high": high,
        "open_ended": False,
        "qualifier": None,
        "status": "numbered",
        "reason": None,
        **shared,
        "part_of": part_of,
        "nesting": None if part_of is None else "certain",
        "claims": [claim],
    }
