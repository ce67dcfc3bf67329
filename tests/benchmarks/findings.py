"""What was found, held to what was to be reached: each verdict is worked out from the numbers."""

from __future__ import annotations

from dataclasses import dataclass

from tests.benchmarks.wrk import Reading


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. Where there is nothing to reach, it is for information, and neither met nor missed."""

    workload: str
    what: str
    reach: str
    reached: str
    is_met: bool | None

    @property
    def verdict(self) -> str:
        return {True: "met", False: "**not met**", None: ""}[self.is_met]


def share(workload: str, what: str, part: float, least: float, of: str) -> Finding:
    """At least this share of something, such as the ceiling."""
    return Finding(workload, what, f"at least {least:.0%} of {of}", f"{part:.1%}", part >= least)


def times(workload: str, what: str, factor: float, least: float, of: str) -> Finding:
    """At least so many times something."""
    return Finding(workload, what, f"at least {least:g} times {of}", f"{factor:.1f} times", factor >= least)


def at_most_times(workload: str, what: str, factor: float, most: float, of: str) -> Finding:
    """At most so many times the cost of something."""
    return Finding(workload, what, f"at most {most:g} times {of}", f"{factor:.2f} times", factor <= most)


def under(workload: str, what: str, found: float, most: float, unit: str = "ms") -> Finding:
    """Under so many milliseconds, or another unit."""
    return Finding(workload, what, f"under {most:,g} {unit}", f"{found:,.1f} {unit}", found < most)


def told(workload: str, what: str, reached: str) -> Finding:
    """Something to know beside the rest."""
    return Finding(workload, what, "", reached, None)


def rate_of(subject: Reading, other: Reading) -> float:
    """How many times as many requests the one answers as the other."""
    return subject.requests_per_second / other.requests_per_second
