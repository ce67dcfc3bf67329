"""The rules of the field: codes, bounds, nested figures, names, places, and what a question can be refused for."""
