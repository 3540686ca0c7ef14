"""The command line: everything without a screen, and without textual or rich."""
