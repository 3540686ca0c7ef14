"""A FreeBSD host in memory: demo, test double, and the place where faults are injected.

    state.py    everything the host holds: datasets, jails, interfaces, processes, rules
    files.py    paths: which mount they lie on, links, directories, ownership
    kernel.py   commands by name, their output as it comes, users, faults, jail events
    host.py     the `Host` protocol on top of it
    zfs…, jails…, net…, rc…    one room per family of commands
    scenarios/  what a host looks like at the start: fresh, small, busy, large

It knows FreeBSD's rules, not its transcripts. What no recording shows is marked `# not recorded`.
"""
