"""rc(8) of the simulated host: rc.conf, sysrc(8), service(8) and its scripts."""
