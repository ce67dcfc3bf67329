"""The load engine: writes a dataset's records in one transaction, with their history, bytes and columns."""
