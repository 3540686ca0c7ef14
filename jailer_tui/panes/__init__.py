"""Parts of a screen that show the host; they never hold it."""
