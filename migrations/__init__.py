"""The schema's history: plain Alembic, one change a file."""
