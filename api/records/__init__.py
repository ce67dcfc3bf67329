"""Records as clients see them: their columns in order, their bytes in each format, and what stands around them.

The `value` of a column finds its value in a plain mapping: the row of the record, with what hangs on it under names of
its own (`path`, `groups`, `figures`, `reports`, ...).
"""
