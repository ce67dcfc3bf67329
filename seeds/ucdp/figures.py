"""Makes figures and claims of UCDP's counts of the dead.

The whole of the dead has UCDP's low, best and high and the population `mixed`. The dead of side A, side B, civilians and
unknown are certain parts of it where they are not 0, with `best` alone: UCDP gives no bounds for them, and as exact numbers
they would raise the whole's low. So totals by population add to `best`, and the whole's own row is what no part accounts for.

UCDP prints no word with its numbers, and its bounds are its own and no rule's, so neither figures nor claims have a qualifier.

What the publisher printed stays in the claim. Where its low or high is on the wrong side of its best, the figure's bounds
are put in order, best as it is. A best of 0 is the publisher's statement and stays 0. A count that a file has lost is not
known; without a best the parts are left out, since nothing says what they are part of.
"""

from __future__ import annotations

from collections.abc import Sequence

from api.domain.bounds import Bounds, bounds
from api.store.record_types import Record
from seeds.importer.records import KILLED, claim_numbers, figure_numbers
from seeds.importer.table import Table

# In the order in which `figures_of` takes them.
COUNTS = ("deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown", "best", "high", "low")
_PUT_IN_ORDER = "the publisher's bounds are out of order, so low and high are moved to enclose its best"


def figures_of(
    file: Table, counts: Sequence[int | None], populations: Sequence[str], whole: Record, said: Record
) -> list[Record]:
    """The figures of one event: the whole of the dead, then the parts that are not 0.

    `populations` says whose dead each of the first four counts is, `whole` has the id of the whole of the dead and the
    event's period and place, and `said` who claims all of it. What is odd is told to the file's report.
    """
    *parts, best, high, low = counts
    identity, report = whole["id"], file.report
    event = identity.removesuffix("-killed")
    stated, enclosing = _bounds(low, best, high), _bounds(*_in_order(low, best, high))
    reason = None if enclosing == stated else _PUT_IN_ORDER
    if reason is not None:
        report.repair("bounds out of order", file.line, f"{event}: low {low}, best {best}, high {high}")
    if best == 0:
        report.note("best is 0, as the publisher states it", file.line, f"{event}: low {low}, high {high}")
    claim = {**said, **claim_numbers(None, stated), "is_preferred": True}
    mixed = {"population": "mixed", "reason": reason, "claims": [claim]}
    figures = [{**KILLED, **whole, **figure_numbers(None, enclosing), **mixed}]
    if best is None:
        return figures
    if sum(count or 0 for count in parts) > best:
        example = f"{event}: {' + '.join(map(str, parts))} of {best}"
        report.repair("deaths by side that come to more than best are left out", file.line, example)
        return figures
    for name, count, population in zip(("a", "b", "civilians", "unknown"), parts, populations, strict=True):
        if count:
            alone = Bounds(None, count, None, False, "numbered")
            part = {
                "id": f"{identity}-{name}",
                "population": population,
                "part_of": identity,
                "nesting": "certain",
                "claims": [{**claim, **claim_numbers(None, alone)}],
            }
            figures.append({**KILLED, **whole, **figure_numbers(None, alone), **part})
    return figures


def _in_order(low: int | None, best: int | None, high: int | None) -> tuple[int | None, int | None, int | None]:
    """The same with low and high on their sides of best, or of each other where there is none."""
    least = [count for count in (low, high if best is None else best) if count is not None]
    most = [count for count in (high, low if best is None else best) if count is not None]
    return None if low is None else min(least), best, None if high is None else max(most)


def _bounds(low: int | None, best: int | None, high: int | None) -> Bounds:
    """What three counts come to, of which some may have been lost."""
    if low is None and best is None and high is None:
        return bounds("unknown", None)
    return Bounds(low, best, high, high is None, "numbered")
