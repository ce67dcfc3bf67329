"""Totals of figures and counts of events, each by one statement over the reading copy."""
