"""Makes the text of one cell out of a list or an object, for flat rows."""

from __future__ import annotations

from typing import Any

# The key of a listed object that stands for it in a flat cell, tried in this order: an alias also has the document that
# it was met in, and a relation both its other group and its document.
_STANDS_FOR = ("id", "name", "group", "document", "code")


def cell(value: Any) -> Any:
    """A value that fits one cell: lists become their ids joined by `; `, objects their own id or pairs."""
    if isinstance(value, list):
        return "; ".join([str(cell(item)) for item in value]) if value else None
    if isinstance(value, dict):
        for key in _STANDS_FOR:
            if key in value:
                return cell(value[key])
        return "; ".join(f"{key}={item}" for key, item in value.items()) or None
    return value
