"""The importer of ACLED exports."""
