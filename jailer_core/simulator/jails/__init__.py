"""jail(8), jail.conf(5), jls(8), jexec(8), and jails of Bastille."""
