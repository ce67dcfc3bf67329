"""The importer of IDMC's Internal Displacement Updates."""
