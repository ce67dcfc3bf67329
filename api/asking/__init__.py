"""A query string read: every parameter known, given once, valid, and in agreement with the others. Knows no Flask.

Nothing is ignored, clamped or guessed: all faults are told at once. What a path takes is in takes.py, what was asked of
it in question.py, and the way from one to the other in understanding.py.
"""
