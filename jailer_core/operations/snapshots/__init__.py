"""Snapshots: take, hold, destroy, roll back, keep them by a schedule.

Rollback and its undo are in recordings 05 and 11; the code marks what is not recorded.
"""
