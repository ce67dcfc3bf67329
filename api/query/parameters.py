"""The types of parameter values but for times (text, code, list, number ...), and how each is read and validated."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError, fields

from api.domain.errors import MOST_TOLD
from api.domain.names import folded

# Text with something in it and without control characters, as the description says it; and one value of several.
_NOT_BLANK = r"^[^\x00-\x1F\x7F]*[^\s\x00-\x1F\x7F][^\x00-\x1F\x7F]*$"
_NO_CONTROLS = r"^[^\x00-\x1F\x7F]*$"
_ONE_OF_SEVERAL = r"^[^\s,\x00-\x1F\x7F]([^,\x00-\x1F\x7F]*[^\s,\x00-\x1F\x7F])?$"
# A decimal number; Python alone would take `1_000` and digits of other scripts too.
_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_WHOLE = re.compile(r"-?\d+", re.ASCII)
# More than there is of anything; both databases hold it, and every reader of JSON keeps it exact.
_MOST_WHOLE = 10**15
# Longer numbers are refused unread: reading one takes time that grows with the square of its length.
_MOST_DIGITS = 30
# One value up to the next comma: what stands in double quotes, or all of it.
_VALUE = re.compile(r'\s*"((?:[^"]|"")*)"\s*(?=,|$)|([^,]*)', re.DOTALL)


class NotAllowed(ValidationError):
    """A value outside its list: carries what is allowed and what was perhaps meant."""

    def __init__(self, message: str, allowed: Sequence[str]) -> None:
        super().__init__(message)
        self.allowed = tuple(allowed)


class SeveralWrong(ValidationError):
    """Values of one list that are wrong, each with its own error."""

    def __init__(self, errors: Sequence[ValidationError]) -> None:
        super().__init__("several of its values are wrong")
        self.errors = tuple(errors)


class Text(fields.String):
    """Non-empty text."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata=kwargs.pop("metadata", None) or {"pattern": _NOT_BLANK}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = str(super()._deserialize(value, attr, data, **kwargs)).strip()
        if not text:
            raise ValidationError("it is empty")
        return text


class TextOrObject(Text):
    """Text that may be a JSON object, as a polygon is in GeoJSON; a posted question has the object itself."""


class Words(Text):
    """Words to look for. Quotes mean nothing, but one that is not closed is a slip."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if text.count('"') % 2:
            raise ValidationError("it has a quote that is not closed")
        return text


class Code(Text):
    """One code of a list, whatever its case; where codes have labels, these are read too."""

    def __init__(self, allowed: Sequence[str], labels: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        metadata = {**kwargs.pop("metadata", {}), "enum": list(allowed)}
        super().__init__(metadata=metadata, **kwargs)
        self.allowed = tuple(allowed)
        self._by_case = {code.casefold(): code for code in allowed}
        self._by_label = {folded(word): code for code, label in (labels or {}).items() for word in (code, label)}

    def meant(self, written: str) -> str | None:
        return self._by_case.get(written.casefold()) or self._by_label.get(folded(written))

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        written = super()._deserialize(value, attr, data, **kwargs)
        if (code := self.meant(written)) is None:
            raise NotAllowed(f"'{written}' is not one of its values", self.allowed)
        return code


class ListOf(fields.List[Any]):
    """Comma-separated values, each read by the inner field; at most `most`, none empty, none twice.

    A value that holds a comma itself, as a name may, stands in double quotes. What is read is one such text or several.
    """

    def __init__(self, inner: fields.Field[Any], most: int = 1000, **kwargs: Any) -> None:
        if inner.metadata.get("pattern") == _NOT_BLANK:
            inner.metadata = {**inner.metadata, "pattern": _ONE_OF_SEVERAL}
        reach = min(most, len(inner.allowed)) if isinstance(inner, Code) else most
        limits = {"minItems": 1, "maxItems": reach, "uniqueItems": True}
        super().__init__(inner, metadata={**limits, **kwargs.pop("metadata", {})}, **kwargs)
        self.most = most

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> list[Any]:
        parts = [part.strip() for text in _texts(value) for part in _split(text)]
        if len(parts) > self.most:
            raise ValidationError(f"it holds {len(parts)} values; at most {self.most} are taken")
        if "" in parts:
            raise ValidationError("it is empty" if len(parts) == 1 else "one of its values is empty")
        read, wrong = [], []
        for part in parts:
            try:
                read.append(self.inner.deserialize(part, attr, data))
            except ValidationError as error:
                wrong.append(error)
        if wrong:
            raise wrong[0] if len(wrong) == 1 else SeveralWrong(wrong[:MOST_TOLD])
        for index, found in enumerate(read):
            if found in read[:index]:
                raise ValidationError(f"'{parts[index]}' stands in it twice")
        return read


class WholeNumber(fields.Integer):
    """A whole number within limits, both included; they are told in the error and the description."""

    def __init__(self, least: int, most: int = _MOST_WHOLE, **kwargs: Any) -> None:
        limits = {"minimum": least, "maximum": most}
        super().__init__(metadata={**limits, **kwargs.pop("metadata", {})}, **kwargs)
        self.least, self.most = least, most

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int:
        text = str(value).strip()
        if _WHOLE.fullmatch(text) is None:
            raise ValidationError(f"'{value}' is not a whole number")
        if len(text) > _MOST_DIGITS:
            raise ValidationError(f"it has {len(text)} digits; it lies between {self.least:,} and {self.most:,}")
        number = int(text)
        if number < self.least:
            raise ValidationError(f"{number} is below the least, {self.least:,}")
        if number > self.most:
            raise ValidationError(f"{number} is over the most, {self.most:,}")
        return number


class TrueOrFalse(fields.Boolean):
    """`true` or `false`, whatever the case."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bool:
        written = str(value).strip().casefold()
        if written not in ("true", "false"):
            raise NotAllowed(f"'{value}' is neither true nor false", ("true", "false"))
        return written == "true"


class Numbers(fields.List[Any]):
    """A fixed count of comma-separated decimal numbers, each within its own limits; `beyond` says by name what is to be told of
    one that is not."""

    def __init__(
        self,
        names: Sequence[str],
        limits: Sequence[tuple[float, float]],
        beyond: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        count = {"minItems": len(names), "maxItems": len(names)}
        reach = {"minimum": min(least for least, _most in limits), "maximum": max(most for _least, most in limits)}
        super().__init__(fields.Float(metadata=reach), metadata={**count, **kwargs.pop("metadata", {})}, **kwargs)
        self.names, self.limits, self.beyond = tuple(names), tuple(limits), beyond or {}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> list[Any]:
        parts = ",".join(_texts(value)).split(",")
        if len(parts) != len(self.names):
            raise ValidationError(f"it needs {len(self.names)} numbers ({', '.join(self.names)}), not {len(parts)}")
        return list(map(self._one, parts, self.names, self.limits))

    def _one(self, text: str, name: str, limits: tuple[float, float]) -> float:
        try:
            return _number(text, name, limits)
        except ValidationError as error:
            # What lies beyond its limits is mostly another of them: some write the longitude first, and some last.
            told = [error.messages[0], f"The order is {','.join(self.names)}"]
            if isinstance(error, _BeyondLimits) and name in self.beyond:
                told.append(self.beyond[name])
            raise ValidationError(". ".join(map(str, told))) from None


class RowKey(fields.String):
    """The values of one row, comma-separated; an empty one is null, so that `row=` is the row whose value is null.

    A value that holds a comma or a quote itself, as a claimant's words may, stands in double quotes as it would in CSV.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata=kwargs.pop("metadata", None) or {"pattern": _NO_CONTROLS}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        return [part.strip() or None for part in _split(str(value))]


def _texts(value: Any) -> list[str]:
    """The one text that was given, or all of several."""
    return [value] if isinstance(value, str) else list(value)


def _split(text: str) -> list[str]:
    """The values between commas. One that begins and ends with double quotes is what they hold, as it would be in CSV; any
    other stands as it is written."""
    if '"' not in text:
        return text.split(",")
    found = []
    place = 0
    while place <= len(text):
        value = _VALUE.match(text, place)
        assert value is not None, "anything up to a comma is a value"
        if value[1] is None and value[2].lstrip().startswith('"') and value[2].count('"') % 2:
            raise ValidationError("it has a quote that is not closed")
        found.append(value[2] if value[1] is None else value[1].replace('""', '"'))
        place = value.end() + 1
    return found


class Number(fields.Float):
    """A decimal number within limits."""

    def __init__(self, least: float, most: float, **kwargs: Any) -> None:
        limits = {"minimum": least, "maximum": most}
        super().__init__(metadata={**limits, **kwargs.pop("metadata", {})}, **kwargs)
        self.least, self.most = least, most

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> float:
        return _number(str(value), "it", (self.least, self.most))


class _BeyondLimits(ValidationError):
    """A number does not lie within its limits."""


def _number(text: str, name: str, limits: tuple[float, float]) -> float:
    if _DECIMAL.fullmatch(text.strip()) is None:
        raise ValidationError(f"{name} is '{text}', which is not a number")
    number = float(text)
    if not math.isfinite(number) or not limits[0] <= number <= limits[1]:
        raise _BeyondLimits(f"{name} is {text.strip()}; it lies between {limits[0]:g} and {limits[1]:g}")
    return number


@dataclass(frozen=True, slots=True)
class Parameter:
    """One name that may stand in a query, with what it means and how it is read."""

    name: str
    field: fields.Field[Any]
    description: str
    # A value that returns data on the corpus that ships with the service.
    example: str
    # Whether the description says of a single value too how it is written, as OGC's rules ask.
    states_its_style: bool = False

    @property
    def is_list(self) -> bool:
        """Whether it may be given several times, which is the same as one text with commas."""
        return isinstance(self.field, fields.List)
