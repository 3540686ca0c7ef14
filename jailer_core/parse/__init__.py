"""Pure readers, one module per command: what it printed → values, or ParseError.

The shapes are those of tests/recorded (FreeBSD 15.1); what none of them shows is marked.
"""
