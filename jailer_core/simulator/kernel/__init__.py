"""The machine itself: its state, files, commands, users and faults."""
