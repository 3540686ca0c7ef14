"""Operations: pure functions from what a host holds and a request to a plan.

    spec.py, catalog.py   what an operation declares; all of them
    registry.py           from a request to its plan, loaded when it is wanted
    guards.py             refusals that operations share
    jails/ images/ snapshots/ network/ in_jail/ setup/ undo/   requests and plans, by subject
    connection/           the guard of the admin's own connection
    shared/ steps/        what several operations share; verbs that make a step with its undo

Nothing here asks or touches a host: no asyncio, no clock, no random numbers.
"""
