"""What generators and linters of OpenAPI make of the description: tools that others wrote and that we cannot change."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.programs import node_packages
from tests.sweep import for_each

DESCRIPTION = Path(__file__).parent.parent / "openapi.yaml"
MOST_SECONDS = 300


def told(*command: str | Path, folder: Path) -> str:
    """What a program writes, which has to end well."""
    done = subprocess.run(
        [str(part) for part in command], cwd=folder, capture_output=True, text=True, check=False, timeout=MOST_SECONDS
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


@pytest.mark.tools
@for_each(
    ("package", "command"),
    [
        ("@redocly/cli@2.77.0", ("redocly", "lint", DESCRIPTION)),
        # A rule's errors fail; what it only warns of does not.
        ("@stoplight/spectral-cli@6.16.3", ("spectral", "lint", DESCRIPTION, "--ruleset", "rules.yaml")),
    ],
)
def test_linters_find_no_error(tmp_path: Path, package: str, command: tuple[str | Path, ...]) -> None:
    (tmp_path / "rules.yaml").write_text('extends: ["spectral:oas"]\n', encoding="utf-8")
    program, *arguments = command
    told(node_packages(package) / "node_modules" / ".bin" / program, *arguments, folder=tmp_path)
