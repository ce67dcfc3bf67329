"""Sweeps: a test that tries many cases one after the other and tells every one that failed."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any

from pytest import Subtests

Test = Callable[..., None]


def for_each(
    names: str | Sequence[str], cases: Iterable[Any], ids: Iterable[str] | Callable[[Any], str] = repr
) -> Callable[[Test], Test]:
    """Gives a test each case in turn, as `pytest.mark.parametrize` would and written like it, but within one test.

    Fixtures are those of the one test: what a case leaves behind in them the next one finds.
    """
    wanted = [names] if isinstance(names, str) else list(names)
    listed = [(case,) if isinstance(names, str) else tuple(case) for case in cases]
    assert listed, "there is nothing to sweep"
    labels = [", ".join(map(ids, case)) for case in listed] if callable(ids) else list(ids)

    def swept(test: Test) -> Test:
        @wraps(test)
        def every(subtests: Subtests, **fixtures: Any) -> None:
            for label, case in zip(labels, listed, strict=True):
                with subtests.test(label):
                    test(**fixtures, **dict(zip(wanted, case, strict=True)))

        fixtures = [one for name, one in inspect.signature(test).parameters.items() if name not in wanted]
        own = inspect.Parameter("subtests", inspect.Parameter.KEYWORD_ONLY)
        every.__signature__ = inspect.Signature([*fixtures, own])  # type: ignore[attr-defined]  # what pytest reads
        return every

    return swept
