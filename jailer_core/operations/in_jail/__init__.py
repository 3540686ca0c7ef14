"""What is done inside jails: commands, packages, services, signals.

requests.py    what can be asked for
commands.py    one command in many jails: a step for each, which execute/many.py runs side by side
signals.py     a signal to one process
"""
