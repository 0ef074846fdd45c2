"""Reflect: what the person said was wrong leads to changes that would have avoided it. It never applies one."""

from agents.reflect.corrections import Correction, corrections

__all__ = ["Correction", "corrections"]
