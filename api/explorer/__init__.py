"""The start page, comparisons and what changed: what the API answers to one question, put together to look at."""
