"""Operations on images, and the defaults of new jails: what each can be asked for."""

from __future__ import annotations

from jailer_core.operations.jails.requests import MIRROR
from jailer_core.operations.spec import Kind, Scope, Undo, operand, operation, option, switch
from jailer_core.request import Danger, Request


@operation(
    "fetch",
    command="image fetch",
    summary="fetch, check and extract an image",
    label="Fetch",
    help=(
        "Without a VERSION, fetches the host's own release. A release that is newer than the "
        "host's kernel is refused."
    ),
    scope=Scope.IMAGE,
    undo=Undo.INVERSE,
    plan="images.fetch:fetch",
)
class ImageFetch(Request):
    """Fetch a base image; `version` "" is the host's own."""

    version: str = operand("Version", kind=Kind.IMAGE, metavar="VERSION", default="")
    mirror: str = option("Mirror", MIRROR, "--mirror", metavar="URL")
    packages: bool = switch("Packages", "Install it from packages (pkgbase) instead.", "--packages")


@operation(
    "use",
    command="image use",
    summary="make an image the default for new jails",
    label="Use",
    scope=Scope.IMAGE,
    plan="images.defaults:use",
)
class ImageUse(Request):
    """Make an image the default for new jails."""

    version: str = operand("Version", kind=Kind.IMAGE, metavar="VERSION")


@operation(
    "unfetch",
    command="image destroy",
    summary="destroy images that no jail depends on",
    label="Destroy",
    scope=Scope.IMAGE,
    danger=Danger.DESTROYS,
    undo=Undo.NEVER,
    plan="images.destroy:destroy",
)
class ImageDestroy(Request):
    """Destroy an image that no jail depends on, with its archive."""

    version: str = operand("Version", kind=Kind.IMAGE, metavar="VERSION", each=True)


@operation(
    "network",
    command="network use",
    summary="set how new jails are connected by default",
    label="Default network",
    plan="images.defaults:network_use",
)
class NetworkUse(Request):
    """Make a network type the default for new jails: eb, new or inherit."""

    network: str = operand("Type", metavar="TYPE")
