"""The other end of a remote host: serves this machine's host over two pipes, and nothing else.

A plan that it runs is its own: when the connection breaks, it finishes or unwinds the plan
before it ends.
"""
