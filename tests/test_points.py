"""Circles on a map, beside what an independent formula says of distances."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from api.query.filters.places import NEAR

_EARTH_RADIUS_KM = 6371.0088
_HALF_AROUND_KM = 20015.0
_PART = st.floats(-1, 1) | st.sampled_from((-1.0, 1.0))


def _kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The great-circle distance by the angle between two vectors (Vincenty's form, exact at every distance)."""
    (a, b), (c, d) = ([math.radians(degrees) for degrees in point] for point in (one, other))
    across = math.hypot(
        math.cos(c) * math.sin(d - b), math.cos(a) * math.sin(c) - math.sin(a) * math.cos(c) * math.cos(d - b)
    )
    along = math.sin(a) * math.sin(c) + math.cos(a) * math.cos(c) * math.cos(d - b)
    return _EARTH_RADIUS_KM * math.atan2(across, along)


@given(
    latitude=st.floats(-90, 90) | st.sampled_from((-90.0, 0.0, 90.0)),
    longitude=st.floats(-180, 180),
    radius=st.floats(0, 60) | st.floats(0, _HALF_AROUND_KM) | st.just(_HALF_AROUND_KM),
    to_north=_PART,
    to_east=_PART,
)
def test_the_box_within_a_circle_lies_within_it(
    latitude: float, longitude: float, radius: float, to_north: float, to_east: float
) -> None:
    assert NEAR.resolve_value is not None
    circle = NEAR.resolve_value((latitude, longitude), {"radius_km": radius}, None)  # type: ignore[arg-type]  # looks nothing up
    south, north, west, east = circle.within
    at = (
        latitude + to_north * (north - south) / 2,
        longitude + to_east * (east - west) / 2,
    )
    if -90 <= at[0] <= 90:
        assert _kilometres((latitude, longitude), at) <= radius * (1 + 1e-9) + 1e-6
