"""The table of bounds, row by row, and what holds for every number; the rows are written out here, not asked of the code.

Method: docs/totals.md, How a number is coded.
"""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.bounds import Bounds, bounds
from api.domain.codebook import values
from tests.sweep import for_each

WITH_NUMBER = ("exact", "at_least", "more_than", "nearly", "around", "at_most", "up_to")
WITHOUT_NUMBER = tuple(qualifier for qualifier in values("qualifier") if qualifier not in WITH_NUMBER)


@for_each(
    ("qualifier", "number", "expected"),
    [
        ("exact", 10, Bounds(10, 10, 10, False, "numbered")),
        ("exact", 0, Bounds(0, 0, 0, False, "numbered")),
        ("at_least", 20, Bounds(20, 20, None, True, "numbered")),
        ("more_than", 20, Bounds(20, 20, None, True, "numbered")),
        ("nearly", 33_000, Bounds(32_000, 33_000, 33_000, False, "numbered")),
        ("nearly", 100, Bounds(0, 100, 100, False, "numbered")),
        ("nearly", 101, Bounds(100, 101, 101, False, "numbered")),
        ("nearly", 1_250, Bounds(1_240, 1_250, 1_250, False, "numbered")),
        ("nearly", 7, Bounds(6, 7, 7, False, "numbered")),
        ("around", 100, Bounds(90, 100, 110, False, "numbered")),
        ("around", 10, Bounds(9, 10, 11, False, "numbered")),
        ("around", 15, Bounds(13, 15, 17, False, "numbered")),
        ("around", 1, Bounds(0, 1, 2, False, "numbered")),
        ("around", 0, Bounds(0, 0, 0, False, "numbered")),
        ("around", 30_000, Bounds(27_000, 30_000, 33_000, False, "numbered")),
        ("at_most", 5, Bounds(None, 5, 5, False, "numbered")),
        ("up_to", 5, Bounds(None, 5, 5, False, "numbered")),
        ("several", None, Bounds(None, None, None, True, "unnumbered")),
        ("tens", None, Bounds(20, None, 99, False, "numbered")),
        ("hundreds", None, Bounds(200, None, 999, False, "numbered")),
        ("thousands", None, Bounds(2_000, None, 9_999, False, "numbered")),
        ("tens_of_thousands", None, Bounds(20_000, None, 99_999, False, "numbered")),
        ("hundreds_of_thousands", None, Bounds(200_000, None, 999_999, False, "numbered")),
        ("millions", None, Bounds(2_000_000, None, 9_999_999, False, "numbered")),
        ("none_reported", None, Bounds(0, 0, 0, False, "none_reported")),
        ("unknown", None, Bounds(None, None, None, True, "unknown")),
    ],
)
def test_each_row_of_the_table_holds(qualifier: str, number: int | None, expected: Bounds) -> None:
    assert bounds(qualifier, number) == expected


def test_every_qualifier_of_the_codebook_has_a_rule() -> None:
    for qualifier in values("qualifier"):
        assert bounds(qualifier, 12 if qualifier in WITH_NUMBER else None).status in values("status")


@given(st.sampled_from(WITH_NUMBER), st.integers(min_value=1, max_value=10**18))
def test_low_is_never_above_best_nor_best_above_high(qualifier: str, number: int) -> None:
    found = bounds(qualifier, number)
    known = [bound for bound in (found.low, found.best, found.high) if bound is not None]
    assert known == sorted(known)
    assert known[0] >= 0
    assert found.best == number
    assert found.open_ended is (found.high is None)


@given(st.integers(min_value=0, max_value=10**18))
def test_around_is_a_tenth_to_either_side_rounded_outwards(number: int) -> None:
    found = bounds("around", number)
    assert found.low is not None
    assert found.high is not None
    assert 0 <= 9 * number - 10 * found.low < 10
    assert 0 <= 10 * found.high - 11 * number < 10


@given(st.integers(min_value=1, max_value=999), st.integers(min_value=0, max_value=12))
def test_nearly_goes_down_by_one_unit_of_the_last_digit_that_is_not_zero(leading: int, zeros: int) -> None:
    number = leading * 10**zeros
    found = bounds("nearly", number)
    assert found.low is not None
    digits = str(number)
    zeros_at_the_end = len(digits) - len(digits.rstrip("0"))
    assert number - found.low == 10**zeros_at_the_end


@for_each("qualifier", WITHOUT_NUMBER)
def test_only_magnitudes_without_number_have_a_low_and_a_high_but_no_best(qualifier: str) -> None:
    found = bounds(qualifier, None)
    if found.status == "numbered":
        assert found.best is None
        assert found.low is not None
        assert found.high is not None
        assert found.low < found.high
    elif found.status == "none_reported":
        assert (found.low, found.best, found.high) == (0, 0, 0)
    else:
        assert (found.low, found.best, found.high, found.open_ended) == (None, None, None, True)


@for_each("qualifier", WITH_NUMBER)
def test_a_missing_number_is_refused(qualifier: str) -> None:
    with pytest.raises(ValueError, match=f"The qualifier {qualifier} needs a number"):
        bounds(qualifier, None)


@for_each("qualifier", WITHOUT_NUMBER)
def test_a_superfluous_number_is_refused(qualifier: str) -> None:
    with pytest.raises(ValueError, match=f"The qualifier {qualifier} takes no number"):
        bounds(qualifier, 3)


@for_each("qualifier", WITH_NUMBER)
def test_a_negative_number_is_refused(qualifier: str) -> None:
    with pytest.raises(ValueError, match="zero or more, not -1"):
        bounds(qualifier, -1)


@for_each("number", [2.5, 2.0, Decimal("2.5"), True, "2"])
def test_a_number_that_is_not_whole_is_refused(number: object) -> None:
    with pytest.raises(ValueError, match="must be a whole number"):
        bounds("exact", number)  # type: ignore[arg-type]  # what a file holds is not what its type promises


def test_nearly_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="above zero"):
        bounds("nearly", 0)


def test_an_unknown_qualifier_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="'circa'; it must be one of exact, at_least"):
        bounds("circa", 3)
