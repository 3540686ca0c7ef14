"""The network of a host before stories: interfaces, forwarding, packet filter."""

from __future__ import annotations

from tests.scenarios.stage import Stage, lines

FORWARDING = ("net.inet.ip.forwarding", "net.inet6.ip6.forwarding")
PF_CONF = "/etc/pf.conf"
ANCHOR = "jailer"
"""The anchor in which the program keeps the rules of each jail: jailer/NAME."""


class SavedNetwork:
    """What is so now. Files, such as pf.conf, are put back by SavedFiles."""

    def __init__(self, stage: Stage) -> None:
        self.interfaces = _interfaces(stage)
        self.forwarding = {name: _sysctl(stage, name) for name in FORWARDING}
        self.filtering = _filtering(stage)

    def remove_interfaces(self, stage: Stage) -> list[str]:
        """Destroy bridges and epairs that are new. Returns the new interfaces that remain."""
        for name in sorted(_interfaces(stage) - self.interfaces):
            if name.startswith(("bridge", "epair")):
                stage.run(("ifconfig", name, "destroy"))
        return sorted(_interfaces(stage) - self.interfaces)

    def restore(self, stage: Stage) -> None:
        """Put forwarding and the packet filter back, once the files are as they were."""
        for name, value in self.forwarding.items():
            if _sysctl(stage, name) != value:
                stage.run(("sysctl", f"{name}={value}"))
        for line in lines(stage, "pfctl", "-a", ANCHOR, "-s", "Anchors"):
            name = line.strip()
            if name.startswith(f"{ANCHOR}/story"):
                stage.run(("pfctl", "-a", name, "-F", "nat"))
        if self.filtering:
            stage.run(("pfctl", "-f", PF_CONF))
        elif _filtering(stage):
            stage.run(("pfctl", "-d"))
            stage.run(("pfctl", "-F", "all"))


def _interfaces(stage: Stage) -> frozenset[str]:
    return frozenset(stage.run(("ifconfig", "-l")).stdout.split())


def _sysctl(stage: Stage, name: str) -> str:
    return stage.run(("sysctl", "-n", name)).stdout.strip()


def _filtering(stage: Stage) -> bool:
    return "Status: Enabled" in stage.run(("pfctl", "-s", "info")).stdout
