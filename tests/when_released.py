"""Waits until no process holds a lock on a file any more, however it ended, then runs a command, if any, and removes a folder.

Called as `when_released.py FILE FOLDER [COMMAND…]`.
"""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys

if __name__ == "__main__":
    file, folder, *command = sys.argv[1:]
    with open(file, "rb") as lease:
        fcntl.flock(lease, fcntl.LOCK_EX)
    if command:
        subprocess.run(command, check=False, cwd="/")
    shutil.rmtree(folder, ignore_errors=True)
