"""Boxes over the screen: they ask, show and let go."""
