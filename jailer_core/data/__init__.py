"""Facts that change from year to year, as files."""
