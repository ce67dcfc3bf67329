"""Printed numbers and number words mean what an English reader takes them to mean."""

from seeds.corpus.numerals import misreading, number_of
from tests.sweep import for_each


@for_each(
    ("printed", "number"),
    [
        ("120,000", 120_000),
        ("7", 7),
        ("70%", 70),
        ("One", 1),
        ("ninety-nine", 99),
        ("twenty one", 21),
        ("A", 1),
        ("an", 1),
        ("a hundred", 100),
        ("two hundred and five", 205),
        ("three hundred thousand", 300_000),
        ("two dozen", 24),
        ("5 million", 5_000_000),
        ("no", 0),
        ("civilians", None),
        ("two three", None),
        ("twenty eleven", None),
        ("12,00", None),
        ("around 10", None),
        ("", None),
    ],
)
def test_a_printed_number_means_what_it_says(printed: str, number: int | None) -> None:
    assert number_of(printed) == number


@for_each(
    ("printed", "number", "qualifier", "is_right"),
    [
        ("civilians", None, "several", True),
        ("ten", None, "several", False),
        ("dozens", None, "tens", True),
        ("Hundreds of  thousands", None, "hundreds_of_thousands", True),
        ("police station", 1, "exact", True),
        ("headquarters", 1, "exact", True),
        ("stations", 1, "exact", False),
        ("station", 2, "exact", False),
        ("casualties", 0, "none_reported", False),
        ("20", None, "unknown", False),
        ("not known", None, "unknown", True),
    ],
)
def test_a_printed_word_goes_with_number_and_qualifier(
    printed: str, number: int | None, qualifier: str, is_right: bool
) -> None:
    assert (misreading(printed, number, qualifier) is None) is is_right
