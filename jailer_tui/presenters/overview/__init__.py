"""The Overview tab as lines: what needs attention, graphs, the busiest jails."""
