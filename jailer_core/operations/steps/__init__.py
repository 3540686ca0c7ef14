"""Verbs that make a step together with its undo."""
