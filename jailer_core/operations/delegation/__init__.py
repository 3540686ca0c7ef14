"""Datasets that a jail administers itself: given to it, and taken away again."""
