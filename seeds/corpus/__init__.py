"""The coded corpus and the gazetteer: their files, their records, and the checks that they must pass."""
