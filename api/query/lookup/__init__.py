"""What the names in a question mean: groups, places, events and documents, found in the database."""
