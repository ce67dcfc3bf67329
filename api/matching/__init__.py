"""Finds what several datasets tell of the same happening, without ever making one of it or adding it up."""
