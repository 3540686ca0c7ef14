"""The network of the host and of jails: bridges, addresses, NAT and redirects."""
