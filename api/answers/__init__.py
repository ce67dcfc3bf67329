"""Answers over HTTP: lists, totals and single records, with formats, ETags, caching and problems."""
