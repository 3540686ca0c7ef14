"""Settings of a jail that exists: its limits and its parameters.

requests.py      what can be asked for
limit_catalog.py the limits, and how their values are written
limit_hooks.py   limits in the jail's block            rctl_conf.py  limits in /etc/rctl.conf
rctl_conf_trash.py  those limits of a jail that is destroyed or comes back
limits.py        the plan that sets and lifts limits   usage.py      what is used of what is allowed
"""
