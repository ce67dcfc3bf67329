"""Levels of places, and the precisions and levels at which a point may be drawn on a map."""

from __future__ import annotations

from api.domain.codebook import values

# The levels of places, coarsest first. Each place has a column for each, and so has the copy: the place of that level
# that it lies in. A subtree is then one comparison, whatever its level.
LEVELS: tuple[str, ...] = values("location_level")

# Precisions at which a point may be drawn on a map; coarser ones name an area that no point stands for.
DRAWN_PRECISIONS: tuple[str, ...] = ("exact", "near", "township", "district")
# Levels of places that no point stands for.
UNDRAWN_LEVELS: tuple[str, ...] = ("country", "area", "state_or_region")
