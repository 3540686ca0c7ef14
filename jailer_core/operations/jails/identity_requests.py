"""Requests about a jail's identity: names, tags, name servers, time zone, dependencies."""

from __future__ import annotations

from jailer_core.operations.spec import Kind, Scope, operand, operation
from jailer_core.request import Request


@operation(
    "hostname",
    command="hostname",
    summary="set a jail's host name",
    label="Host name",
    help="With a domain: web01.example.org. It is changed in the configuration and, if the jail\n"
    "is running, at once.",
    scope=Scope.JAIL,
    plan="jails.identity:hostname",
    needs="jails.identity:hostname_needs",
    refusal="settings.parameters:refusal",
    configures=True,
)
class SetHostname(Request):
    """Set the host name of a jail."""

    name: str = operand("Jail", kind=Kind.JAIL)
    hostname: str = operand("Host name", "With its domain: web01.example.org.", metavar="HOSTNAME")


@operation(
    "resolver",
    command="resolver",
    summary="set a jail's name servers",
    label="Name servers",
    help="They are written to /etc/resolv.conf of the jail; its other lines are kept.",
    scope=Scope.JAILS,
    plan="jails.resolver:change",
)
class SetResolver(Request):
    """Set the name servers of a jail."""

    name: str = operand("Jail", kind=Kind.JAIL, each=True)
    servers: tuple[str, ...] = operand(
        "Name servers", "IPv4 or IPv6 addresses.", metavar="ADDR", many=True
    )


@operation(
    "timezone",
    command="timezone",
    summary="set a jail's time zone",
    label="Time zone",
    help="ZONE is a file below /usr/share/zoneinfo of the host, such as Europe/Berlin. Programs\n"
    "that are running keep their time zone until they are restarted.",
    scope=Scope.JAILS,
    plan="jails.timezone:change",
)
class SetTimezone(Request):
    """Set the time zone of a jail."""

    name: str = operand("Jail", kind=Kind.JAIL, each=True)
    zone: str = operand("Time zone", "For example Europe/Berlin.", kind=Kind.ZONE, metavar="ZONE")


@operation(
    "depend",
    command="depend",
    summary="set which jails must run before a jail starts",
    label="Dependencies",
    help="+JAIL adds a jail, -JAIL removes it. A jail is started after those that it depends on,\n"
    "and is not stopped before those that depend on it.",
    scope=Scope.JAILS,
    plan="jails.depend:change",
    configures=True,
)
class SetDepend(Request):
    """Change what a jail depends on; each of `changes` is a jail, or one with a sign."""

    name: str = operand("Jail", kind=Kind.JAIL, each=True)
    changes: tuple[str, ...] = operand(
        "Depends on",
        "JAIL or +JAIL adds a jail, -JAIL removes it.",
        metavar="+JAIL|-JAIL",
        many=True,
    )


@operation(
    "tag",
    command="tag",
    summary="add tags to jails, remove them, or show them",
    label="Tags",
    help="+TAG adds a tag, -TAG removes it. Without them the tags are shown. Tags are kept with\n"
    "the jail's dataset, those of Bastille's jails by bastille. Most commands take @TAG for all\n"
    "jails with that tag: stop @web. A -TAG that is also an option (-j) follows --.",
    scope=Scope.JAILS,
    plan="jails.tags:change",
)
class JailTags(Request):
    """Add tags to a jail and remove tags; each of `changes` is a tag, or one with a sign."""

    name: str = operand("Jail", kind=Kind.JAIL, each=True)
    changes: tuple[str, ...] = operand(
        "Tags", "TAG or +TAG adds a tag, -TAG removes it.", metavar="+TAG|-TAG", many=True
    )
