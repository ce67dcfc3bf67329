"""What wholes add to the rows of a total where parts of theirs may stand in other rows: the question splits their families.

A part adds its own numbers to its row. A whole adds what its parts leave of it, with numbers that hold however its people are divided
between the rows. Say that 100 to 150 people are missing, best 120; of these surely 20 to 40 (30) in one town, and surely 10 to 30 (20)
women. By sex, the whole and the town's missing are in the row of those whose sex is not told, the women in their own. To its row
the whole adds

- as its low 100 - 20 - 30 = 50: the town's low is in the row already, and as many as 30 of the whole may be women;
- as its best 120 - 30 - 20 = 70;
- as its high 150 - 40 - 10 = 100: the town's high is in the row already, and 10 of the whole at least are women.

So the row is 70 / 100 / 140. A part that lies in its whole only possibly takes nothing from the high. Nothing falls below 0.

In steps: the figures of such families in scope (`_figures_in_scope`); their wholes, once for each row that one is in
(`_wholes_in_rows`); each of these with each of its parts, and whether the part is in the same row (`_pairs_with_parts`); and
what the whole adds, from the sums of the parts (`_with_additions`).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, Subquery, and_, case, false, func, not_, select

from api.query.dimensions import ALWAYS_IN_KEY
from api.query.totals.counted_figures import CountedFigures

# The statuses whose figures a row counts by themselves; all other figures have the status `numbered`.
COUNTED_STATUSES = ("unnumbered", "unknown", "none_reported")
# The numbers of a row, in the order of every statement; `open_figures` counts figures whose high end is open.
NUMBERS = ("low", "best", "high", "open_figures", "figures", *COUNTED_STATUSES, "spanning")


class SplitFamilies:
    """The families that a question may split.

    `wholes` has each of their wholes once for each row that it is in, numbered by `occurrence`, with what it adds to that row
    (`adds_low` …). Of what may float into other rows it has `room`, the whole's high without what certain parts surely take, and
    `may_be_taken`, whether parts may take all of that. `pairs` has each occurrence with each part in scope.
    """

    def __init__(self, counted: CountedFigures) -> None:
        self.counted = counted
        in_scope = self._figures_in_scope()
        wholes = self._wholes_in_rows(in_scope)
        self.pairs = self._pairs_with_parts(wholes, select(in_scope).where(in_scope.c.is_part).subquery("part"))
        self.wholes = self._with_additions(wholes)

    def rows(self) -> Select[Any]:
        """What wholes add to each row."""
        on = self.wholes.c
        keys = [on[name] for name in self.counted.keys.names]
        added = (func.sum(on[f"adds_{name}"]).label(name) for name in NUMBERS[:4])
        _open_figures, *counted = counts(false(), on.status, on.is_spanning)
        return select(*keys, *added, *counted).group_by(*keys)

    def _figures_in_scope(self) -> CTE:
        """The figures in scope of families that may be split. `low` is what of the low (`own_low`) surely lies in the row."""
        counted = self.counted
        on, low, question = counted.on, counted.number("low"), counted.question
        times: list[Any] = []
        if question.times:
            times = [question.bucket_start(on).label("begins"), question.last_day(on).label("ends")]
        return (
            select(
                *(on.c[name] for name in ("number", "family_number", "is_part", "is_certain")),
                counted.status().label("status"),
                low.label("own_low"),
                counted.low_in_row(low).label("low"),
                counted.number("best").label("best"),
                counted.number("high").label("high"),
                counted.is_open().label("is_open"),
                counted.spanning.label("is_spanning"),
                counted.passes.label("passes"),
                *counted.keys.own(),
                *times,
            )
            .where(counted.scope, counted.is_split())
            .cte("scope")
        )

    def _wholes_in_rows(self, in_scope: CTE) -> CTE:
        """The wholes that the question counts, each once for each row that it is in."""
        found = select(in_scope).where(in_scope.c.passes, not_(in_scope.c.is_part)).subquery()
        keys, from_clause = self.counted.keys.joined(found)
        rest = [column for column in found.c if column.name not in self.counted.keys.names]
        occurrence = func.row_number().over().label("occurrence")
        return select(occurrence, *keys, *rest).select_from(from_clause).cte("whole")

    def _pairs_with_parts(self, wholes: CTE, part: Subquery) -> CTE:
        """Whole and part, and whether the part is in the row, or would be but for its time (`is_beside`)."""
        keys, attribution_keys = self.counted.keys, self.counted.attribution_keys
        times = keys.names_of(self.counted.question.times)
        # Nothing of what others say is taken, and the loader holds to it that the rest is the same.
        same = {*times, *attribution_keys, *keys.names_of(ALWAYS_IN_KEY)}
        said = (part.c[name].is_not_distinct_from(wholes.c[name]) for name in attribution_keys)
        joined = wholes.join(part, and_(part.c.family_number == wholes.c.family_number, *said))
        rest = [name for name in keys.names if name not in same]
        from_clause, is_beside = keys.beside(wholes, part, joined, rest)
        is_beside = and_(part.c.passes, is_beside)
        is_in_row = and_(is_beside, *(part.c[name] == wholes.c[name] for name in times))
        numbers = ("own_low", "low", "best", "high", "is_certain", "is_open", *(("begins", "ends") if times else ()))
        told = (is_beside.label("is_beside"), is_in_row.label("is_in_row"))
        return (
            select(wholes.c.occurrence, *(part.c[name] for name in numbers), *told).select_from(from_clause).cte("pair")
        )

    def _with_additions(self, wholes: CTE) -> CTE:
        """The wholes with what each adds to its row, and with what is needed to know what floats into others."""
        taken = self._taken_by_parts()
        rest = {name: func.greatest(0, wholes.c[name] - func.coalesce(taken.c[name], 0)) for name in NUMBERS[:3]}
        adds = {
            **rest,
            # An open part in another row may be all of its whole.
            "low": case((taken.c.is_open_elsewhere, 0), else_=rest["low"]),
            # A certain part of a closed whole in the same row does not open it: its whole is its limit.
            "open_figures": case((wholes.c.is_open, 1), else_=-func.coalesce(taken.c.open_figures, 0)),
        }
        room = wholes.c.high - func.coalesce(taken.c.certain_low, 0)
        floats = (room.label("room"), (func.coalesce(taken.c.more, 0) > room).label("may_be_taken"))
        return (
            select(wholes, *(added.label(f"adds_{name}") for name, added in adds.items()), *floats)
            .select_from(wholes.outerjoin(taken, taken.c.occurrence == wholes.c.occurrence))
            .cte("adding")
        )

    def _taken_by_parts(self) -> Subquery:
        """What the parts of each occurrence take from its low, best and high."""
        pair = self.pairs.c
        return (
            select(
                pair.occurrence,
                func.sum(case((pair.is_in_row, pair.low), else_=pair.high)).label("low"),
                func.sum(pair.best).label("best"),
                sum_of(case((pair.is_in_row, pair.high), else_=pair.own_low), pair.is_certain).label("high"),
                # What certain parts surely take, wherever they are, and how much more where they overlap.
                sum_of(pair.own_low, pair.is_certain).label("certain_low"),
                sum_of(pair.high - pair.own_low, and_(pair.is_certain, pair.is_beside)).label("more"),
                func.bool_or(and_(pair.is_open, not_(pair.is_in_row))).label("is_open_elsewhere"),
                func.count().filter(and_(pair.is_open, pair.is_certain, pair.is_in_row)).label("open_figures"),
            )
            .group_by(pair.occurrence)
            .subquery("taken")
        )


def sum_of(column: Any, which: ColumnElement[bool]) -> ColumnElement[Any]:
    """The sum of a column over the figures for which `which` is true; 0 of none. Quicker than a filter on the sum."""
    return func.sum(case((which, column), else_=0))


def counts(is_open: Any, status: Any, is_spanning: Any) -> tuple[Any, ...]:
    """How many figures are open, how many there are, how many have each status without a number, and how many span."""
    return (
        func.count().filter(is_open).label("open_figures"),
        func.count().label("figures"),
        *(func.count().filter(status == name).label(name) for name in COUNTED_STATUSES),
        func.count().filter(is_spanning).label("spanning"),
    )
