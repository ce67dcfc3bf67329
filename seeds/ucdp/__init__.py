"""The importer of the UCDP Georeferenced Event Dataset."""
