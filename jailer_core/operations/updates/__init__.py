"""Keep hosts, images and jails up to date: what is outdated, updates, moving to another base."""
