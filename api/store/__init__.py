"""The database: tables, engines, the schema's state, the data's revision, and stored bytes."""
