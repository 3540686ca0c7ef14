"""The two interfaces of the program: a command line, and a screen built on Textual."""

__version__ = "0.2.0"
"""The same as in pyproject.toml (a test compares): reading the metadata takes too long."""
