"""NAT and redirections: one pf anchor for each jail."""
