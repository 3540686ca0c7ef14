"""Panes: parts of a screen that show data of the host."""
