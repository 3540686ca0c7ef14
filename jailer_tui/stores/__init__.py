"""What is read again and again for the screen, and work that outlives a dialog."""
