"""Keeping hosts, images and jails up to date: who is behind, updates, moving to another base."""
