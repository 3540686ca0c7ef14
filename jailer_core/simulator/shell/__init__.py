"""sh(1) and what runs in it."""
