"""What is done inside jails from the screen: commands, packages, services, signals, logs."""
