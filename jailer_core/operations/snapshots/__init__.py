"""Snapshots: take, hold, destroy, go back to one, keep them by a schedule.

    requests.py   what can be asked for            names.py      names made of the time
    choose.py     which snapshots, whose           take.py, remove.py, holds.py
    case.py       a jail whose state is exchanged  away.py       into the trash, and out of it
    carried.py    what is set on a dataset         goback.py     back without losing anything
    forward.py    and undoing that                 rollback.py   the way that destroys
    dependents.py clones of newer snapshots        policy.py     how many are kept
    auto.py       which to take and remove now     schedule.py   the line for cron
    loose.py      bookmarks, permissions

Going back and forward are recordings 05 and 11; what is not recorded is marked where it stands.
"""
