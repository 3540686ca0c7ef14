"""Operations: pure functions from what a host holds and what is wanted to a plan.

    requests.py       what can be asked for
    guards.py         who may be changed: refusals that all share
    running.py        start, stop, restart: the plans
    starting.py       clean up, mount, start         stopping.py  stop, with the right file
    remains.py        what an interrupted one leaves bastille.py  Bastille's jails
    jail8.py, stopped.py          command lines, time-outs, what every stop says
    destroy.py        into the trash, or for good    destroyable.py  what may be
    busy.py           holders, own mount points      trash.py        what is kept of an entry
    restore.py        out of the trash; empty it     edit.py         a new configuration text
    network.py, mounts.py, boot.py, depend.py     epairs and addresses, mounts, jail_list, clones
    rc_variables.py               variables of rc.conf
    steps/            verbs that make a step with its undo
    files.py, own.py, places.py   steps on files, our own datasets and directories
    create.py         make a jail                    suggest.py      what empty fields become
    links.py, nets.py             how a jail is linked, which addresses and numbers are free
    bases.py, copies.py           what it is made of, as clones or copies
    jailconf.py, limits.py, devfs.py   its configuration, resource limits, a safe ruleset
    context.py, meaning.py, configcheck.py   what jail(8) reads in changed files, and whether it may
    clone.py, rename.py           a second one, another name; conftext.py changes the file
    images.py         fetch, choose, destroy images  mirror.py, releases.py   where from, how old
    setup/            the set-up of a host, and the doctor
    keeping.py        the guard of the present connection, cutting.py  which steps touch it
    snapshots/  undoing/  firewall/  bridges/  inside/     a room each: requests and plans (room.py)

Nothing here asks or touches a host: no asyncio, no clock, no random numbers.
"""
