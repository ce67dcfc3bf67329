"""Rewrites whole numbers and degrees that programs have written in their own way: `800.0`, `1e+05`, `1,234`, `23,79`.

Of three digits behind a point or comma only the file as a whole can tell whether they are thousands: its degrees show which
mark stands before decimals. Where nothing shows it, a comma parts thousands, and a point stays as it is printed.
"""

from __future__ import annotations

import re

# R writes 100000 so; what a spreadsheet has rounded (1.74E+09) is not meant.
_POWER = re.compile(r"(-?[0-9])(?:\.([0-9]+))?e\+([0-9]{2})")
_GAP = "[ '\u2019\u00a0\u2009\u202f]"
# By the mark that stands before decimals, empty where the file does not show it.
_DECIMALS = {
    "": re.compile(r"(-?[0-9]+)(?:\.0{1,2}|\.0{4,}|,0{1,2})"),
    ".": re.compile(r"(-?[0-9]+)(?:\.0+|,0{1,2})"),
    ",": re.compile(r"(-?[0-9]+)(?:,0+|\.0{1,2}|\.0{4,})"),
}
_THOUSANDS = {
    mark: re.compile(rf"[0-9]{{1,3}}(?:(?:{parting}[0-9]{{3}})+|(?:{_GAP}[0-9]{{3}})+)")
    for mark, parting in (("", ","), (".", ","), (",", r"\."))
}
MARKS = frozenset(_DECIMALS)
# As spreadsheets keep digits from becoming a number.
_AS_TEXT = re.compile(r"""="([0-9]+)"|'([0-9]+)""")
_MINUS = "\u2212"
_DECIMAL_COMMA = re.compile(r"(-?[0-9]*),([0-9]+)")


def whole_number(printed: str, mark: str) -> str:
    """A whole number in digits; what is written in no known way stays as it is printed.

    `mark` is what stands before decimals in this file, a point, a comma or nothing that is known.
    """
    text = printed.strip()
    if found := _DECIMALS[mark].fullmatch(text):
        return found[1]
    if found := _POWER.fullmatch(text):
        digits = found[2] or ""
        zeros = int(found[3]) - len(digits)
        return f"{found[1]}{digits}{'0' * zeros}" if zeros >= 0 else printed
    if found := _AS_TEXT.fullmatch(text):
        return found[1] or found[2]
    if _THOUSANDS[mark].fullmatch(text):
        return re.sub(r"[^0-9]", "", text)
    return text if text.isdecimal() else printed


def has_decimal_comma(printed: str) -> bool:
    """Whether a number is written with a decimal comma."""
    return _DECIMAL_COMMA.fullmatch(with_hyphen(printed.strip())) is not None


def with_point(printed: str) -> str:
    """The same with a point where it has a decimal comma, and a hyphen for its minus sign."""
    return with_hyphen(printed.replace(",", ".", 1) if has_decimal_comma(printed) else printed)


def with_hyphen(printed: str) -> str:
    """The same with a hyphen for a minus sign of its own, as programs write it in Sweden and elsewhere."""
    return printed.replace(_MINUS, "-")
