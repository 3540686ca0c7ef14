"""Other hosts over the system's ssh(1).

entry      a host by its name: how it is reached, and how it is marked
command    the command lines: that of ssh, and the one that the remote shell reads
archive    the part of this program that is sent to a host
bootstrap  what runs first over there: it receives the archive and starts the agent
connect    one connection, or the reason why there is none
keeper     connects again and again, and measures how slow a host is
"""
