"""FeedGuard: a person's control of their feeds. Django and Celery: HTTP, persistence, scheduling."""

__version__ = "0.1.0"
DATA_VERSION = 1
"""Version of the data folder's form; a folder of a newer one is refused at start."""
