"""Other programs of the base system and of packages."""
