"""What the names in a question mean: groups, places, events and documents, found in the database.

Knows no request. Refuses what is unknown, with what is close, and what is ambiguous, with the candidates.
"""
