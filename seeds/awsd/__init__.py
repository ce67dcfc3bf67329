"""The importer of the Aid Worker Security Database."""
