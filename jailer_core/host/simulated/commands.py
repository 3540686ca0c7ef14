"""Every room of commands, imported so that it registers itself."""
