"""The records as clients see them: for each, its columns in order. Knows no table and no request.

The `value` of a column finds its value in a plain mapping: the row of the record, with what hangs on it under names of
its own (`path`, `groups`, `figures`, `reports`, ...), as renditions.py and the resources gather it.
"""
