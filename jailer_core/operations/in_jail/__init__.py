"""What is done inside jails: commands, packages, services, signals."""
