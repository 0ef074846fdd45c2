"""Filters of other programs: what is read from them, and what is written for them. Pure functions on text."""
