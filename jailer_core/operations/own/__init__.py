"""Commands that the user's settings declare."""
