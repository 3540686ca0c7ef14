"""Other hosts over the system's ssh(1)."""
