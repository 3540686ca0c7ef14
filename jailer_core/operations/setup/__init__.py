"""The set-up of a host, and the doctor that looks whether it still is right.

checkup(inventory)      every finding, with the request that mends it
suggested(inventory)    the fixes of a first set-up, as one request
decide, needs           as in operations, for the requests of this package

forward6.py  packets of IPv6
zfs.py       ZFS, pools         bridge.py   bridge0, forwarding   devices.py  devfs
dataset.py   jails' dataset     pf.py       anchors, NAT          rest.py     racct, leftovers
atboot.py    jails at boot      dhcp.py     dhcpd                 draft.py    a plan in the making
"""
