"""Dialogs: boxes over the screen that ask or show something."""
