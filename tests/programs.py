"""Programs that a test may need and a machine may lack: found, or the test is skipped with a reason.

A test that needs a heavy one is marked `tools`, and runs by `make tools` alone.
"""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
from hashlib import blake2b
from pathlib import Path

import pytest

# What is fetched once for all runs; `make clean` removes it.
_FETCHED = Path(__file__).parent.parent / ".tools"
_FETCH_SECONDS = 900


def program(*names: str) -> str:
    """The path of the first of these programs that is installed, such as `("libreoffice", "soffice")`."""
    for name in names:
        found = shutil.which(name)
        if found is not None:
            return found
    pytest.skip(f"{names[0]} is not installed")


def node_packages(*packages: str) -> Path:
    """A folder in which these packages of npm are installed, each with its version: `openapi-typescript@7.10.1`."""
    return _fetched((program("npm"), "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"), packages)


def python_packages(*packages: str) -> Path:
    """A folder with these packages of PyPI and all that they need, apart from what the tests run with: `mlcroissant==1.1.1`.

    `PYTHONPATH` takes it.
    """
    return _fetched((sys.executable, "-m", "pip", "install", "--quiet", "--target"), packages)


def _fetched(command: tuple[str, ...], packages: tuple[str, ...]) -> Path:
    """The folder into which a command, which ends in the option for it, has put these packages; once for all runs."""
    folder = _FETCHED / blake2b(" ".join(packages).encode(), digest_size=8).hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    done = folder / "done"
    with (folder / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not done.exists():
            whole = (*command, str(folder), *packages)
            got = subprocess.run(whole, cwd=folder, capture_output=True, text=True, check=False, timeout=_FETCH_SECONDS)
            if got.returncode:
                pytest.skip(f"{', '.join(packages)} cannot be fetched: {got.stderr[-300:]}")
            done.touch()
    return folder
