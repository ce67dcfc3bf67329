"""Structured conflict-event data, with evidence for each value.

**What happened, which groups, where, and what it cost people** - coded from news reports and from published datasets,
with every number traceable to who said it and where.

* An *event* is something that happened: an incident, an episode that holds incidents, or an aggregate report.
* A *figure* is one quantity in the world: so many people killed, in one place and period. It has a low, a best and a
  high, and they may be null. Null is unknown; zero is only ever a statement that somebody made.
* A *claim* is one report's statement of a figure. Claims are never summed.
* A *total* adds figures so that nothing is counted twice: a part that lies inside a whole is counted once.

Lists take the same filters everywhere. Several values of one parameter, separated by commas, are alternatives; all
parameters must hold. Unknown parameters and values are refused with a suggestion; nothing is silently ignored.

The scope of a total is not a partition of it: `group=arakan-army` on totals gives everything in events with the
Arakan Army, while that group's row of `group_by=group` leaves out what the events of other groups account for.
"""

__version__ = "0.1.0"
