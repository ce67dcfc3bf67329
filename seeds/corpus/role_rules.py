"""Checks that groups have roles that they can have: who fights, who is under fire, and whose bases and soldiers are told of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from seeds.corpus.faults import CorpusFaults
from seeds.corpus.files import DOCUMENTS, Item
from seeds.corpus.source_texts import blanked, reports_by_event, texts_of

_FIGHTERS = frozenset({"alliance", "armed_group", "force"})
_NO_FIGHTERS = frozenset({"organisation", "population"})
# The role that each type of event leaves to those who fight, in place of the one that it does not have.
_ROLES: Mapping[tuple[str, str], str] = {
    ("battles", "target"): "defender, or a type in which one side fires alone",
    ("explosions_remote_violence", "defender"): "target, or a type in which both sides fight",
}
# What only armed forces have. A government whose it is said to be takes part beside them.
_ARMS = r"(?:army )?(?:bases?|outposts?|helicopters?|warships?|soldiers|troops|forces|positions?)"


def check_roles(faults: CorpusFaults, corpus: Path | None) -> None:
    """Note every fault of these rules; those about words only where there is a folder of the texts."""
    kinds = {group.text("id"): group.text("group_kind") for group in faults.coded.items("groups")}
    for event in faults.coded.items("events"):
        _check_parts(faults, event, kinds)
    if corpus is not None:
        _check_governments(faults, kinds, texts_of(faults.coded, corpus))


def _check_parts(faults: CorpusFaults, event: Item, kinds: Mapping[str | None, str | None]) -> None:
    """Note fighters in a role that the type of the event does not have, and bodies that do not fight in the role of fighters."""
    for part in event.items("groups"):
        group, role, kind = part.text("group"), part.text("role") or "", kinds.get(part.text("group"))
        right = _ROLES.get((event.text("type") or "", role))
        if right is not None and kind in _FIGHTERS:
            faults.add((*part.path, "role"), f"{group} is {role}, and the type is {event.text('type')}", right)
        if role in ("attacker", "defender") and kind in _NO_FIGHTERS:
            wrong = f"{group} is {role}, and of the kind {kind}, which does not fight"
            faults.add((*part.path, "role"), wrong, "another role, or another kind of group")


def _check_governments(
    faults: CorpusFaults, kinds: Mapping[str | None, str | None], texts: Mapping[str | int, str]
) -> None:
    """Note events with a part for armed forces and none for the government whose bases or soldiers the spans tell of."""
    documents = {document.path[1]: document for document in faults.coded.items(DOCUMENTS)}
    reports = reports_by_event(faults.coded)
    for event in faults.coded.items("events"):
        parts = {part.text("group") for part in event.items("groups")}
        if not any(kinds.get(group) == "force" for group in parts):
            continue
        for report in reports.get(event.text("id") or "", []):
            text = texts.get(report.path[1])
            if text is None:
                continue
            mentions = documents[report.path[1]].items("mentions")
            said = " ".join(text[start:end] for _, start, end in report.spans())
            for group, name in _owners(said, mentions, kinds):
                if group not in parts:
                    wrong = f"have no {group}, of whose arms a report tells: {name}"
                    faults.add((*event.path, "groups"), wrong, f"{group} in a role of its own beside its forces")


def _owners(said: str, mentions: Iterable[Item], kinds: Mapping[str | None, str | None]) -> set[tuple[str | None, str]]:
    """The governments, with the name that is printed, of which these words say that something of armed forces is theirs."""
    names = {(mention.text("name") or "", mention.text("group")) for mention in mentions}
    found = set()
    for name, group in names:
        if kinds.get(group) != "government":
            continue
        left = blanked(said, (other for other, _ in names if name in other and name != other))
        whose, of_whom = (
            rf"\b{re.escape(name)}(?: [\w-]+){{0,2}} {_ARMS}\b",
            rf"\b{_ARMS} (?:of|from) the {re.escape(name)}\b",
        )
        if re.search(f"{whose}|{of_whom}", left):
            found.add((group, name))
    return found
