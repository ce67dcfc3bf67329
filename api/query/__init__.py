"""From a query string to a question, and from a question to conditions and statements over the reading copy.

Nothing is ignored, clamped or guessed: all faults of a query are told at once.
"""
