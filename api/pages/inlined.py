"""Puts style sheets and short scripts into pages, and names them by hash to the browser, which takes nothing else inline.

A page that brings its styles with it is drawn when it comes; one that names them waits for another request first.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from pathlib import Path

from markupsafe import Markup

# Of each kind of file: the element that holds it, and what the policy calls its source.
_ELEMENTS = {".css": ("style", "style-src"), ".js": ("script", "script-src")}
_FILES = {file.name: file.read_text(encoding="utf-8") for file in (Path(__file__).parent.parent / "inlined").iterdir()}


def inlined(name: str) -> Markup:
    """A file of api/inlined/ as the element that holds it."""
    element, _source = _ELEMENTS[Path(name).suffix]
    return Markup(f"<{element}>{_FILES[name]}</{element}>")


def sources(kind: str) -> str:
    """What a policy says of all that is inlined: `kind` is `style-src` or `script-src`."""
    found = (text for name, text in sorted(_FILES.items()) if _ELEMENTS[Path(name).suffix][1] == kind)
    return " ".join(f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in found)
