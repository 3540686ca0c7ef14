"""Settings of a jail that exists: its limits and its parameters."""
