"""The command line: everything without a screen, and without textual or rich.

words       all commands and options, declared once
parse       from words to what is wanted
usage       help and version
session     the host, the reader, signals
listing     list, info            jsonform    the same as JSON
changing    start, stop, restart, destroy, all of them
trash       what was destroyed
edit        a jail's configuration in an editor
inside      exec, pkg, service, signal: in many jails, side by side
log         a jail's logs
progress    plans, events and outcomes as lines
terminal    output and questions  table       columns
"""
