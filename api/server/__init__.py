"""Runs the API under granian."""
