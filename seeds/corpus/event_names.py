"""Gathers the names by which a report may speak of an event: those of its place, of what lies around and in it, and of its
groups, as records and mentions give them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cache

from api.domain.names import folded
from seeds.corpus.files import DOCUMENTS, CodedCorpus, Item


class EventNames:
    """The names that tie a report to an event, for every event of a corpus."""

    def __init__(self, coded: CodedCorpus) -> None:
        self._places = coded.gazetteer
        self._inner: dict[str, list[str]] = defaultdict(list)
        for place in self._places.values():
            if place.parent is not None:
                self._inner[place.parent].append(place.id)
        self._group_names: dict[str, set[str]] = defaultdict(set)
        for group in coded.items("groups"):
            names = (group.text("name"), group.text("acronym"), *(alias for _, alias in group.texts("aliases")))
            self._group_names[group.text("id") or ""].update(name for name in names if name is not None)
        self._place_names = {place.id: set(place.names) for place in self._places.values()}
        for document in coded.items(DOCUMENTS):
            for mention in document.items("mentions"):
                self._add_mention(mention)
        self._events = {identity: item for item in coded.items("events") if (identity := item.text("id")) is not None}
        self.of = cache(self._of)
        self.folded_of = cache(self._folded_of)

    def knows(self, event: str) -> bool:
        """Whether there is an event of this id."""
        return event in self._events

    def _add_mention(self, mention: Item) -> None:
        name, group, location = mention.text("name"), mention.text("group"), mention.text("location")
        if name is not None and group is not None:
            self._group_names[group].add(name)
        if name is not None and location in self._place_names:
            self._place_names[location].add(name)

    def _of(self, event: str) -> frozenset[str]:
        """The names of an event's place, of the places around and in it, and of its groups."""
        item = self._events[event]
        names: set[str] = set()
        for part in item.items("groups"):
            names |= self._group_names.get(part.text("group") or "", set())
        for place in self._around_and_in(item.text("location")):
            names |= self._place_names[place]
        return frozenset(names)

    def _folded_of(self, event: str) -> frozenset[str]:
        """The same names without case, accents and apostrophes."""
        return frozenset(folded(name) for name in self._of(event))

    def _around_and_in(self, location: str | None) -> Iterator[str]:
        """A place, all that it lies in and all that lies in it; nothing for a place that is not known."""
        if location is None or location not in self._places:
            return
        inner = [location]
        seen = {location}
        while inner:
            place = inner.pop()
            yield place
            # Badly coded parents may run in a ring.
            fresh = [child for child in self._inner.get(place, []) if child not in seen]
            seen.update(fresh)
            inner += fresh
        outer = self._places[location].parent
        while outer is not None and outer in self._places and outer not in seen:
            yield outer
            seen.add(outer)
            outer = self._places[outer].parent
