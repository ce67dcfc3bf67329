"""Buckets of time as a timeline has them: which are fine enough for a period, where each ends, and what it is called."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from api.domain.months import SHORT_MONTHS

# From fine to coarse, with the most days of a period that each is fine enough for.
MOST_DAYS = {"day": 62, "week": 430, "month": 12 * 366, "year": 400 * 366}
BUCKETS = tuple(MOST_DAYS)
# More than these would be narrower than a line.
MOST_BUCKETS = 500
_DAYS_OF = {"day": 1, "week": 7, "month": 30, "year": 365}


def bucket_for(first: date, last: date) -> str:
    """The finest bucket for a period; of those that are too long for any, the coarsest."""
    days = (last - first).days + 1
    return next((bucket for bucket, most in MOST_DAYS.items() if days <= most), BUCKETS[-1])


def possible_buckets(first: date, last: date) -> list[str]:
    """The buckets that a timeline of a period can have."""
    days = (last - first).days + 1
    return [bucket for bucket in BUCKETS if days / _DAYS_OF[bucket] <= MOST_BUCKETS]


def start_of(bucket: str, day: date) -> date:
    """The first day of the bucket that a day is in."""
    match bucket:
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "year":
            return day.replace(month=1, day=1)
        case _:
            return day


def start_after(bucket: str, start: date) -> date:
    """The first day of the next bucket. The last that a date can say is in none."""
    match bucket:
        case "month":
            return date(start.year + start.month // 12, start.month % 12 + 1, 1)
        case "year":
            return date(start.year + 1, 1, 1)
        case _:
            return start + timedelta(days=_DAYS_OF[bucket])


def buckets(bucket: str, first: date, last: date) -> Iterator[tuple[date, date]]:
    """Every bucket from one day to another, as its first day and the first day of the next."""
    start = start_of(bucket, first)
    while start <= last:
        end = start_after(bucket, start)
        yield start, end
        start = end


def bucket_title(bucket: str, start: date) -> str:
    """What people call a bucket: `2023`, `Nov 2023`, `Week of 6 Nov 2023`, `6 Nov 2023`."""
    if bucket == "year":
        return str(start.year)
    month = f"{SHORT_MONTHS[start.month - 1]} {start.year}"
    if bucket == "month":
        return month
    return f"{'Week of ' if bucket == 'week' else ''}{start.day} {month}"
