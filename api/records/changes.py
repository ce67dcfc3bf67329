"""What is told of changes and of loads."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from marshmallow import fields

from api.records.common import moment
from api.records.fields import code, integer, nested, schema, several, text, time

# Where the records of each type are listed.
PATHS: Mapping[str, str] = {
    record: f"/v1/{record}s" for record in ("dataset", "document", "group", "location", "event", "figure")
}


def _object(description: str, *, null: bool = False, required: bool = True) -> fields.Dict:
    return fields.Dict(required=required, allow_none=null, metadata={"description": description})


_COUNTS = 'How many of each type, `{"events": {"created": 9, "updated": 2, "withdrawn": 1}}`'
ChangeLinks = schema(
    "ChangeLinks",
    self=text("Where the record is, as a path; a withdrawn one answers 410 with its tombstone."),
    history=text("Where all that ever changed of it is told."),
    read=several(
        fields.String(), "Of a line that stands for many records: the lists to read again, as paths; of others none."
    ),
)
ChangeLine = schema(
    "ChangeLine",
    revision=integer("The number of the load that it came with; 0 of lines from before loads were told."),
    at=time("When, UTC."),
    dataset=text("The id of the record's dataset."),
    record=fields.String(required=True, metadata={"description": "What type of record.", "enum": list(PATHS)}),
    id=text("The record's id."),
    action=code("change_action", "What happened."),
    reason=text("Why, where that is known; `reads otherwise` of a record that shows another which changed.", null=True),
    replaced_by=text("The id of the record to use in its place.", null=True),
    fields=_object(
        'What changed, `{"best": [50, 60]}`: from, to. Null where no more is known than that it did.', null=True
    ),
    counts=_object(f"Of a dataset whose records changed without a line for each. {_COUNTS}.", null=True),
    links=nested(ChangeLinks, "Where to go from here."),
    body=_object(
        "With `include=body`: the record as it is now; null where it is withdrawn.", null=True, required=False
    ),
)
LoadLinks = schema("LoadLinks", changes=text("Where all that changed in it and since is told, as a path."))
LoadLine = schema(
    "Load",
    revision=integer("Its number; each load that changes anything makes one."),
    at=time("When, UTC."),
    dataset=text("The id of the dataset that it brought.", null=True),
    release=text("What the publisher calls what was loaded; null of what is no release.", null=True),
    counts=_object(f"What it did. {_COUNTS}."),
    links=nested(LoadLinks, "Where to go from here."),
)


def change_line(line: Any, datasets: Collection[str]) -> dict[str, Any]:
    """A line of history as it is shown; `datasets` are those that there are, whose lists can be read."""
    path = f"{PATHS[line.record]}/{quote(line.record_id)}"
    return {
        "revision": line.revision,
        "at": moment(line.at),
        "dataset": line.dataset_id,
        "record": line.record,
        "id": line.record_id,
        "action": line.action,
        "reason": line.reason,
        "replaced_by": line.replaced_by,
        "fields": line.fields,
        "counts": line.counts,
        "links": {
            "self": path,
            "history": f"{path}/history",
            "read": _lists(line) if line.record_id in datasets else [],
        },
    }


def _lists(line: Any) -> Sequence[str]:
    """The lists that hold what a line stands for without naming it."""
    is_first = line.record == "dataset" and line.action == "created"
    named = (f"{record}s" for record in PATHS if record != "dataset")
    query = urlencode({"dataset": line.record_id})
    return [
        f"/v1/{name}?{query}"
        for name in named
        # Lines from before loads were told have no counts.
        if (is_first and line.counts is None)
        or (line.counts and {"created", "updated"} & line.counts.get(name, {}).keys())
    ]


def load_line(load: Any, since: str) -> dict[str, Any]:
    """A load as it is shown; `since` is the state that it found."""
    return {
        "revision": load.revision,
        "at": moment(load.at),
        "dataset": load.dataset_id,
        "release": load.release,
        "counts": load.counts,
        "links": {"changes": f"/v1/changes?{urlencode({'since': since})}"},
    }
