"""Runs migrations on the database that the settings name, or on the connection a caller hands over."""

from alembic import context
from sqlalchemy import Connection

import api.store.models  # noqa: F401  # the tables enter the metadata when they are imported
from api.settings import Settings
from api.store.database import connect_for_loading
from api.store.models.base import Base

# How long a migration waits for a lock on PostgreSQL before it gives up, so that it never queues up every reader behind it.
LOCK_TIMEOUT = "5s"


def run(connection: Connection) -> None:
    """Runs what was asked for on this connection."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_server_default=False,
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
        context.run_migrations()


handed_over = context.config.attributes.get("connection")
if handed_over is not None:
    run(handed_over)
else:
    with connect_for_loading(Settings.from_environment()).connect() as own_connection:
        run(own_connection)
        own_connection.commit()
