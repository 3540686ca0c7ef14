"""The packet filter of the simulated host."""
