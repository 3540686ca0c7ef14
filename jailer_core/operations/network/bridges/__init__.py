"""Bridges, their members, and addresses of jails.

requests.py   what can be asked for             add.py      make a bridge
common.py     names, words of rc.conf, steps    change.py   its addresses and description
wanted.py     which addresses and members fit   remove.py   destroy it
members.py    cards and VLANs in and out
place.py      where a jail is, and may be       readdress.py  another address for a jail
"""
