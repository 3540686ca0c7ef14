"""What only the demo needs: a prompt that answers, and a host that moves."""
