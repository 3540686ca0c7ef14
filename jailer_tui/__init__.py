"""The two faces of the program: a command line, and a screen that stands on Textual."""

__version__ = "0.2.0"
"""The same as in pyproject.toml (a test compares): reading the metadata takes too long."""
