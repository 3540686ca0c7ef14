"""The admin's own connection: which steps may cut it, and how it is guarded."""
