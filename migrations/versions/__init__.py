"""One file for each change of the schema, named as a sentence."""
