"""Our own widgets: they draw lines, and only what changed."""
