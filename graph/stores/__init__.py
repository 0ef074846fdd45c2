"""Stores of preference graphs."""
