"""Stores: data that is refreshed for the screen, and work that outlives a dialog."""
