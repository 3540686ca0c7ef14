"""Jails of a FreeBSD host: read them, decide a change, show it, do it.

    gather(host)                    -> Inventory     what is there (inventory.py)
    decide(inventory, request)      -> Plan          what would change (operations/)
    preview(plan)                   -> lines         exactly that, for people (preview.py)
    execute(host, request, ...)     -> Outcome       done, or undone again (execute.py)

Nothing here knows a screen: the command line and the interface stand on top of it.
"""
