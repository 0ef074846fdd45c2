"""The preference graph: pure data and functions. Imports nothing else of ours."""
