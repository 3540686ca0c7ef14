"""Pure parsers, one module per command: from its output to values, or ParseError.

The shapes are those of tests/recorded (FreeBSD 15.1); what none of them shows is marked.
"""
