"""The set-up of a host, and the checks whether it is still right.

`checkup` returns every finding with the request that fixes it, `suggested` the fixes of a first
set-up as one request.
"""
