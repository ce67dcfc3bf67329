"""A cache of values that depend on the data's revision: emptied when the revision changes, bounded in bytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

from api.store.revision import NO_REVISION

Value = TypeVar("Value")
# What a small value is taken to weigh, its key included.
SMALL_BYTES = 500


class RevisionCache:
    """Values of one revision, those last used, as many as fit."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._token = NO_REVISION
        self._entries: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    @property
    def bytes(self) -> int:
        """How much is kept."""
        return self._bytes

    def has(self, key: Hashable) -> bool:
        """Whether anything is kept under this key, perhaps of an older revision."""
        return key in self._entries

    def find(self, token: str, key: Hashable) -> Any:
        """The value kept under this key; null where there is none."""
        with self._lock:
            if token != self._token or key not in self._entries:
                return None
            self._entries.move_to_end(key)
            return self._entries[key][0]

    def put(self, token: str, key: Hashable, value: Any, size: int = SMALL_BYTES) -> None:
        """Keeps a value for as long as the revision lasts and there is room."""
        # One value may not drive out all the others.
        if size > self._most_bytes // 4:
            return
        with self._lock:
            if token != self._token:
                self._token = token
                self._entries.clear()
                self._bytes = 0
            if key in self._entries:
                self._bytes -= self._entries.pop(key)[1]
            self._entries[key] = (value, size)
            self._bytes += size
            while self._bytes > self._most_bytes:
                _key, (_value, weight) = self._entries.popitem(last=False)
                self._bytes -= weight

    def get_or_make(self, token: str, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value kept under this key, made now where there is none."""
        found: Value | None = self.find(token, key)
        if found is None:
            found = make()
            self.put(token, key, found)
        return found
