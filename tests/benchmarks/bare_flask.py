"""A bare Flask application that answers with constant bytes, one address for each size.

Nothing that reads a database through Flask and the same server can be quicker.
"""

from __future__ import annotations

import os

from flask import Flask

# Where the sizes of the bodies stand, separated by commas.
SIZES = "BENCHMARK_BODY_SIZES"


def path(size: int) -> str:
    """Where a body of this size is."""
    return f"/{size}"


def create_app() -> Flask:
    """The application for the sizes of the environment."""
    app = Flask(__name__, static_folder=None)
    for size in map(int, os.environ[SIZES].split(",")):
        app.add_url_rule(path(size), str(size), lambda body=b"x" * size: body)
    return app
