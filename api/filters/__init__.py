"""The filters that several resources share, each declared once, by what they ask about. Knows the tables, no request.

A filter of one resource alone stands in that resource's file.
"""
