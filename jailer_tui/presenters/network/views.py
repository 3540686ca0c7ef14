"""The views of the network, in the order in which the keys go through them.

A view more is one more NetView here; what it shows of a node beside the table goes into
`detail.EXTRAS`.
"""

from __future__ import annotations

from jailer_tui.presenters.network.addresses import ADDRESSES
from jailer_tui.presenters.network.nat import TRANSLATIONS
from jailer_tui.presenters.network.routes import ROUTES
from jailer_tui.presenters.network.table import NetView
from jailer_tui.presenters.network.tree import TREE

VIEWS: tuple[NetView, ...] = (TREE, ADDRESSES, ROUTES, TRANSLATIONS)
