"""The other end of a remote host: serves this machine's host over two pipes, and nothing else.

serve    reads requests, answers them, many at once, until the connection ends
work     one request: its window, what is told to it
calls    what can be asked of the host
start    the standard streams, and what runs it: `python3.11 -m jailer_core.agent`

A plan that it carries out is its own: when the connection breaks it goes on, or takes itself
back, and only then the agent ends.
"""
