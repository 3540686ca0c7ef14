"""The real terminal: what it sends (input), what it is sent (output), and its size (driver)."""
