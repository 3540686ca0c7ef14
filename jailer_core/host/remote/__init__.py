"""A host at the other end of a connection, and the protocol that both ends speak."""
