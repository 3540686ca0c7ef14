"""Operations that keep jails and images up to date: what each can be asked for."""

from __future__ import annotations

from jailer_core.operations import fields
from jailer_core.operations.jails.requests import STAMP
from jailer_core.operations.spec import (
    Confirm,
    Kind,
    Scope,
    Undo,
    operand,
    operation,
    option,
    provided,
)
from jailer_core.request import Request


@operation(
    "rebase",
    command="rebase",
    summary="move jails to a newer or older base image",
    label="Rebase",
    help=(
        "What the jail never changed comes from the new image; what it added or changed stays. "
        "Text files that both changed are merged. What cannot be merged is a conflict, and must "
        "be resolved: --ours keeps the jail's version, --theirs takes the image's, --merge takes "
        "the text of a FILE. A path resolves everything below it. --conflicts only lists the "
        "conflicts. The new state is built beside the jail, which is stopped only to swap the "
        "two. The old state goes to the trash; undo swaps them back."
    ),
    scope=Scope.JAILS,
    confirm=Confirm.PLAN,
    undo=Undo.INVERSE,
    plan="updates.rebase:rebase",
    refusal="guards:require_dataset",
)
class Rebase(Request):
    """Move a jail to another image; its present state goes to the trash.

    `image` "" is the newest patch level of its release. `settle` has path, choice (ours, theirs,
    text) and text of each settled conflict. `start` None: running afterwards if it runs now.
    """

    name: str = operand("Jail", kind=Kind.JAIL, each=True)
    stamp: str = provided(STAMP)
    image: str = option(
        "Image",
        "The image to move to (default: the newest patch level of the jail's release).",
        "--to",
        kind=Kind.IMAGE,
        metavar="IMAGE",
    )
    settle: tuple[tuple[str, str, str], ...] = provided("How conflicts are resolved.", default=())
    start: bool | None = fields.start_again()


@operation(
    "imageupdate",
    command="image update",
    summary="update an image to its newest patch level, as a new image beside it",
    label="Update",
    help="The new image has the name of the release and the date. The old one is not changed, so\n"
    "jails cloned from it stay as they are: move them with `rebase`. Needs freebsd-update(8), or\n"
    "pkg(8) where the base system is made of packages.",
    scope=Scope.IMAGE,
    plan="updates.image_update:update",
)
class ImageUpdate(Request):
    """Make a new image with the newest patch level from the image `version`."""

    version: str = operand("Image", kind=Kind.IMAGE, metavar="IMAGE")
    stamp: str = provided("The time as letters and digits; the new image is named by its date.")
