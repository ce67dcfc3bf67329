"""The types of parameter values that are days and times, and how each is read and validated."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from marshmallow import ValidationError, fields

from api.domain.months import days_of

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
# A time whose offset stands behind a space: what a plus sign becomes where nobody escaped it.
_LOST_PLUS = re.compile(r"([T ]\d.*) (\d{2}(?::?\d{2})?)", re.ASCII)
# How many characters a time has at the most, with its fraction and zone. What is longer is none, and is not read.
_LONGEST_TIME = 50
# How many characters a date has; a time follows behind one more.
_DAY_LENGTH = len("2023-11-06")


class Day(fields.Date):
    """An ISO 8601 date, `2023-11-06`. A time is taken for its day in UTC; one without a zone is in UTC."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> date:
        text = str(value).strip()
        try:
            # Python alone would take other forms of ISO 8601 too, such as `2023-W45-1`.
            if _DAY.fullmatch(text[:_DAY_LENGTH]) is None:
                raise ValueError
            if len(text) == _DAY_LENGTH:
                return date.fromisoformat(text)
            read = datetime.fromisoformat(_with_plus(text))
            return (read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)).date()
        except (ValueError, OverflowError):
            raise ValidationError(f"'{value}' is not a date such as 2023-11-06{days_of(text)}") from None


class Time(fields.DateTime):
    """An ISO 8601 time with its zone, or a date, which begins at midnight UTC.

    Records know the second in which they changed. A fraction of one reads as a moment before that second, so that what is asked
    after it takes in all of the second and misses nothing.
    """

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> datetime:
        try:
            text = _with_plus(str(value).strip())
            read = datetime.fromisoformat(text)
        except ValueError:
            raise ValidationError(f"'{value}' is not a time such as 2023-11-07T00:00:00Z") from None
        if read.tzinfo is None:
            if len(text) > _DAY_LENGTH:
                raise ValidationError(f"'{value}' lacks its zone; write {text}Z for UTC")
            read = read.replace(tzinfo=UTC)
        try:
            found = read.astimezone(UTC)
            return found.replace(microsecond=0) - timedelta(microseconds=1) if found.microsecond else found
        except OverflowError:
            raise ValidationError(f"'{value}' lies outside the years 1 to 9999 in UTC") from None


def _with_plus(text: str) -> str:
    """A time whose offset has its plus sign again. Errors: ValueError, where it is too long for one."""
    if len(text) > _LONGEST_TIME:
        raise ValueError
    return _LOST_PLUS.sub(r"\1+\2", text)
