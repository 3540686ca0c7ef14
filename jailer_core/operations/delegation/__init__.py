"""Datasets that are delegated to a jail, which administers them itself."""
