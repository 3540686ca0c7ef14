"""Tags of jails: what can be asked for."""

from __future__ import annotations

from jailer_core.operations.spec import Kind, Scope, operand, operation
from jailer_core.request import Request


@operation(
    "tag",
    command="tag",
    summary="add tags to jails, remove them, or show them",
    label="Tags",
    help="+TAG adds a tag, -TAG removes it. Without them the tags are shown. Tags are kept with\n"
    "the jail's dataset. Most commands take @TAG for all jails with that tag: stop @web.\n"
    "A -TAG that is also an option (-j) follows --.",
    scope=Scope.JAILS,
    plan="jails.tags:change",
)
class JailTags(Request):
    """Add tags to a jail and remove tags; each of `changes` is a sign and a tag."""

    name: str = operand("Jail", kind=Kind.JAIL, each=True)
    changes: tuple[str, ...] = operand(
        "Tags", "+TAG adds a tag, -TAG removes it.", metavar="+TAG|-TAG", many=True
    )
