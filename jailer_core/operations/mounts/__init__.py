"""What is mounted inside jails: shown, added, removed."""
