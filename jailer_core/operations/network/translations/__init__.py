"""NAT and redirections: one pf anchor a jail.

requests.py   what can be asked for             addresses.py  the jail's address, made to stay
add.py        add NAT or a redirection          conflicts.py  who has a port already
remove.py     take them away                    hooks.py      the lines in the jail's own file
takeover.py   rules of jailer's files     anchors.py    steps: check, store, load, drop
moving.py     rename, destroy, another address  ready.py      pf itself, on and with anchors
rules.py      a rule file as values             listing.py    every rule, with its counters
wanted.py     what a request means
"""
