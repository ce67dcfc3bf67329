"""The reading copy: the data of one revision as columns, in one DuckDB file that answers every question.

Rows are the truth; a load derives the copy from them. It selects, counts and sums; records are then read from the rows.
"""
