"""A host at the other end of a connection, and what both ends speak.

frames      messages with a length, a number and a kind, in one compressed stream
values      requests, results and errors as JSON
delta       a result as what differs from an earlier one
channel     many calls at once over one connection
host        `RemoteHost`, the client; the other end is jailer_core.agent
"""
