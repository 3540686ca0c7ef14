"""Parts that only the demo needs: a prompt that answers, and a host with activity."""
