"""Checks that each YAML file of a corpus or gazetteer has the shape that its JSON Schema says.

The schemas in seeds/schema/ are the same that editors read. What would be right is what their descriptions say.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from seeds.corpus.faults import CorpusFaults, Faults, closest_or, one_of
from seeds.corpus.files import DATASET, DOCUMENTS, LISTS, Record, SeedFile, listed, mapped
from seeds.corpus.yaml_lines import Path as DataPath
from seeds.corpus.yaml_lines import Plain

SCHEMAS = Path(__file__).parent.parent / "schema"

# A wrong value is shown up to this many characters.
_SHOWN = 60
# At these steps a schema's path goes on to another place in the data, where another description holds.
_TO_ANOTHER_PLACE = frozenset({"properties", "items", "prefixItems"})
_EMPTY: Mapping[str, str] = {"groups": "groups: []", "events": "events: []"}


def check_shape(faults: CorpusFaults) -> None:
    """Note every file that is missing, superfluous or unreadable, and everything in it that its schema refuses."""
    for file in faults.coded.files:
        check_file(faults, file)
    _check_names(faults)


def check_file(faults: Faults, file: SeedFile) -> None:
    """Note that a file is missing or unreadable, and everything in it that its schema refuses."""
    if file.is_missing:
        right = f"a file with at least `{_EMPTY[file.kind]}`" if file.kind in _EMPTY else "this file is always there"
        faults.add_at(file.name, 1, "the file", "is missing", right)
        return
    for fault in file.yaml.faults:
        faults.add_at(file.name, fault.line, "the file", fault.wrong, fault.right)
    if file.yaml.data is not None or not file.yaml.faults:
        for path, wrong, right in _refusals(file):
            faults.add_in(file, path, wrong, right)


def _check_names(faults: CorpusFaults) -> None:
    """Note YAML files that nothing reads, because a misspelt name would silently leave them out."""
    folder = faults.coded.folder
    read = {file.name for file in faults.coded.files}
    for path in (*folder.glob("*.y*ml"), *folder.glob(f"{DOCUMENTS}/*.y*ml")):
        name = path.relative_to(folder).as_posix()
        if name not in read:
            right = f"one of {DATASET}, {', '.join(LISTS.values())}, {DOCUMENTS}/<id>.yaml"
            faults.add_at(name, 1, "the file", "nothing reads a file of this name", closest_or(name, read, right))


@cache
def schema_of(kind: str) -> Record:
    """The JSON Schema of dataset, groups, events or document."""
    return mapped(json.loads((SCHEMAS / f"{kind}.schema.json").read_text(encoding="utf-8")))


def _refusals(file: SeedFile) -> Iterator[tuple[DataPath, str, str]]:
    """Where, what is wrong and what would be right, for everything that the schema of a file refuses."""
    schema = schema_of(file.kind)
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    for error in validator.iter_errors(file.yaml.data):
        yield from _told(error, schema)


def _told(error: ValidationError, schema: Record) -> Iterator[tuple[DataPath, str, str]]:
    """One error of the validator in our words, or several where it stands for several."""
    path = tuple(error.absolute_path)
    # The validator calls data and schema anything at all; both were read as plain data.
    rule, value = cast(Plain, error.validator_value), cast(Plain, error.instance)
    within = list(error.absolute_schema_path)[:-1]
    match error.validator:
        case "additionalProperties":
            known = list(mapped(mapped(cast(Plain, error.schema)).get("properties")))
            for key in (key for key in mapped(value) if key not in known):
                yield (*path, key), "there is no such key", closest_or(key, known, f"one of {', '.join(known)}")
        case "required":
            for key in (str(key) for key in listed(rule) if key not in mapped(value)):
                yield path, f"the key {key} is missing", _described(schema, [*within, "properties", key]) or "write it"
        case "dependentRequired":
            for key, others in ((key, listed(others)) for key, others in mapped(rule).items() if key in mapped(value)):
                together = ", ".join([key, *map(str, others)])
                for other in (other for other in others if other not in mapped(value)):
                    yield (*path, key), f"stands without {other}", f"{together} together, or none of them"
        case "oneOf":
            # Every oneOf of these schemas says that one key of several is there.
            keys = [str(key) for choice in listed(rule) for key in listed(mapped(choice).get("required"))]
            yield path, f"has {_several(keys, mapped(value))} of {', '.join(keys)}", "exactly one of them"
        case "anyOf":
            # Every anyOf of these schemas is a value or null, and says what the value must be in its first branch.
            for child in error.context or ():
                if child.schema_path[0] == 0:
                    yield from _told(child, schema)
        case "enum":
            codes = [str(code) for code in listed(rule)]
            yield path, f"is {_shown(value)}", one_of(str(value), codes)
        case "uniqueItems":
            yield path, "holds the same thing twice", "each once"
        case _:
            yield path, f"is {_shown(value)}", _described(schema, within) or error.message


def _several(keys: Sequence[str], record: Record) -> str:
    return "more than one" if any(key in record for key in keys) else "none"


def _described(schema: Record, schema_path: Sequence[str | int]) -> str | None:
    """The description nearest to a point of a schema: a property's own before that of the definition it refers to."""
    node: Plain = schema
    found: str | None = None
    is_settled = False
    step_before: str | int | None = None
    for step in schema_path:
        # Behind the step "properties" stands a property's name, and that may itself be "items".
        if step in _TO_ANOTHER_PLACE and step_before != "properties":
            is_settled = False
        node = listed(node)[step] if isinstance(step, int) else mapped(node).get(step)
        # The validator's path leaves out that a reference was followed.
        definition = mapped(_referred(schema, node))
        said = mapped(node).get("description", definition.get("description"))
        node = definition or node
        if isinstance(said, str) and not is_settled:
            found, is_settled = said, True
        step_before = step
    return found


def _referred(schema: Record, node: Plain) -> Plain:
    """The definition that a point of a schema refers to; null when it refers to none."""
    reference = mapped(node).get("$ref")
    name = reference.removeprefix("#/$defs/") if isinstance(reference, str) else ""
    return mapped(schema["$defs"]).get(name)


def _shown(value: Plain) -> str:
    """A value as it may stand in a sentence."""
    if value is None:
        return "empty (null)"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
