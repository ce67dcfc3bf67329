"""Writes elements of SVG, with texts and attributes escaped and numbers short."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from markupsafe import Markup, escape


def element(tag: str, attributes: Mapping[str, object], children: Iterable[Markup | str] = ()) -> Markup:
    """An element with these attributes, but for those that are null."""
    written = "".join(
        f' {name}="{escape(short(value) if isinstance(value, float) else value)}"'
        for name, value in attributes.items()
        if value is not None
    )
    inner = "".join(escape(child) for child in children)
    return Markup(f"<{tag}{written}>{inner}</{tag}>" if inner else f"<{tag}{written}/>")


def short(number: float) -> str:
    """A number with no more than two places behind the point."""
    return f"{number:.2f}".rstrip("0").rstrip(".")


def percent(part: float) -> str:
    """A part of the width, as SVG takes it."""
    return f"{short(round(100 * part, 2))}%"


# Arrows of open ends, from where they begin.
_ARROWS = {"right": "M1 0h8m-4-4 4 4-4 4", "up": "M0-1v-8m-4 4 4-4 4 4"}


def arrow(direction: str, x: str, y: float) -> Markup:
    """An arrow to the `right` or `up`, from a place whose x is a part of the width."""
    drawn = element("path", {"class": "open", "d": _ARROWS[direction]})
    return element("svg", {"x": x, "y": y, "overflow": "visible"}, [drawn])
