"""The code lists of events other than their types: kind, outcome, precision of the date."""

from api.domain.codebook.code import Code, CodeList

EVENT_KIND = CodeList(
    name="event_kind",
    title="Kind of event",
    description="Whether a record is a single happening, something that holds happenings, or a summary of many.",
    codes=(
        Code(
            "incident",
            "Incident",
            "Something that happened in one place during one span of time.",
            {"ucdp": "event_clarity 1"},
        ),
        Code(
            "episode",
            "Episode",
            "A battle, siege, campaign or operation that holds incidents. Totals of the whole stay here.",
        ),
        Code(
            "aggregate",
            "Aggregate",
            "A report about a period or an area whose single incidents cannot be told apart.",
            {"ucdp": "event_clarity 2"},
        ),
    ),
)

OUTCOME = CodeList(
    name="outcome",
    title="Outcome",
    description="How things stood at the end of an event, as far as the reports tell. Empty when there is nothing to say.",
    codes=(
        Code("captured", "Captured", "The attacker held the place at the end."),
        Code("contested", "Contested", "Both sides claim the place or the success, or neither holds all of it."),
        Code("repelled", "Repelled", "The defender held the place and the attacker was thrown back."),
        Code("withdrawn", "Withdrawn", "One side left of its own accord, under pressure or not."),
        Code("surrendered", "Surrendered", "The defenders gave themselves up."),
        Code("destroyed", "Destroyed", "The target was destroyed and nobody is said to hold it."),
        Code("ongoing", "Ongoing", "It had not ended when the last report of it was published."),
    ),
)

DATE_PRECISION = CodeList(
    name="date_precision",
    title="Precision of the date",
    description="How closely start and end enclose when it happened, finest first.",
    codes=(
        Code("day", "Day", "The day is known.", {"ucdp": "date_prec 1", "acled": "time_precision 1"}),
        Code(
            "days",
            "A few days",
            "It is known to lie within two to six days.",
            {"ucdp": "date_prec 2", "acled": "time_precision 2"},
        ),
        Code("week", "Week", "The week is known.", {"ucdp": "date_prec 3", "acled": "time_precision 2"}),
        Code(
            "month",
            "Month",
            "It is known to lie within eight to about thirty days.",
            {"ucdp": "date_prec 4", "acled": "time_precision 3"},
        ),
        Code(
            "year",
            "Year",
            "It is known to lie within more than a month, mostly up to a year; start and end say within which.",
            {"ucdp": "date_prec 5"},
        ),
    ),
)
