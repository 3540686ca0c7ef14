"""Undo: a plan from the journal and the present state; and resuming an interrupted change."""
