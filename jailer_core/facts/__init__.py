"""Reading a host: the same handful of commands side by side, joined into one Inventory.

probes      a command, its reader, and the answer kept while it prints the same
rc          rc.conf without a shell where that is possible
configs     which files configure jails, and what jail(8) reads in them
networks    what is asked once a VNET jail: addresses and gateway
inside      what only the files of a stopped jail tell
places      layout, images, trash: pure functions over datasets
join        one Jail out of kernel, configuration, datasets and use: pure functions
reader      puts it together and remembers what only changes with a file time or a jid
"""

from jailer_core.facts.reader import Reader

__all__ = ["Reader"]
