"""Actions on bridges, their members, addresses of jails, NAT and redirect rules."""

from __future__ import annotations

from collections.abc import Mapping

from jailer_core.model.network import NAT
from jailer_core.operations.network.bridges.requests import (
    AddressChange,
    BridgeChange,
    BridgeRemove,
    MemberRemove,
)
from jailer_core.operations.network.translations.requests import (
    NatAdd,
    NatRemove,
    RedirectRemove,
)
from jailer_core.request import Request
from jailer_core.topology import Kind
from jailer_tui.actions import Selection
from jailer_tui.controllers.base import Handler
from jailer_tui.controllers.derived import run_derived
from jailer_tui.controllers.forms import FormController


class NetworkController(FormController):
    """Actions on the selected row of the network, or the selected jail."""

    def handlers(self) -> Mapping[str, Handler]:
        """The method for each action."""
        start, forms = self.app.start_task, self._forms
        return {
            NatAdd.op: lambda chosen: start(forms.translate(chosen.jail), "nat"),
            MemberRemove.op: self._remove_member,
            "net_change": self._change,
            "net_remove": self._remove,
            "net_keep": lambda _: self.app.beside(self.app.runner.keep_all(), "keep"),
        }

    def _change(self, selection: Selection) -> None:
        """Other addresses for a bridge, or for a jail."""
        node = selection.node
        if node is not None and node.kind is Kind.BRIDGE and node.interface is not None:
            kind: type[Request] = BridgeChange
        elif selection.jail is not None:
            kind = AddressChange
        else:
            return
        self.app.start_task(run_derived(self.app, self._forms, kind, selection), kind.op)

    def _remove(self, selection: Selection) -> None:
        """The rule of the row, else its bridge."""
        rule, node = selection.rule, selection.node
        if rule is None:
            if node is not None:
                self.run(BridgeRemove(node.name))
            return
        translation = rule.translation
        if translation is not None and translation.kind == NAT:
            self.run(NatRemove(rule.jail, translation.family, translation.interface))
        else:
            self.run(RedirectRemove(rule.jail, rule.index))

    def _remove_member(self, selection: Selection) -> None:
        node = selection.node
        if node is not None and node.interface is not None:
            self.run(MemberRemove(node.bridge, node.interface.name))
