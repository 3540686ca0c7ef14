"""Tags of jails: a user property of their datasets (jailer_core.model.tags)."""

from __future__ import annotations

from jailer_core import checks
from jailer_core.errors import Refused, UsageError
from jailer_core.model import Inventory, Jail, Owner, tags
from jailer_core.operations import guards
from jailer_core.operations.completion import FieldHint
from jailer_core.operations.jails.identity_requests import JailTags
from jailer_core.operations.shared import bastille, user_property
from jailer_core.operations.shared.user_property import TextProperty
from jailer_core.plan import Needs, Plan
from jailer_core.text import sanitize

TEXT = TextProperty(tags.PROPERTY, "tags")


def refusal(jail: Jail) -> None:
    """Raises Refused for a jail that cannot have tags."""
    if jail.owner is Owner.BASTILLE:
        guards.require_configured(jail)
        return
    hint = f"Tags are kept with a dataset; the files are in {sanitize(jail.path)}."
    guards.require_dataset(jail, hint)


def problems(_inventory: Inventory, request: JailTags) -> dict[str, tuple[str, str]]:
    """Problems of the changes; {} if there are none."""
    return guards.problem("changes", split, request.changes)


def split(changes: tuple[str, ...]) -> tuple[frozenset[str], frozenset[str]]:
    """Tags to add, and tags to remove. Raises UsageError."""
    added: set[str] = set()
    removed: set[str] = set()
    for word in changes:
        if word[:1] == "-":
            removed.add(checks.tag(word[1:]))
        else:
            added.add(checks.tag(word.removeprefix("+")))
    if not changes:
        raise UsageError("no tags were given", "+TAG adds a tag, -TAG removes it: +web -old")
    if added & removed:
        both = sanitize(min(added & removed))
        raise UsageError(f"the tag {both} is both added and removed", "Give it only once.")
    return frozenset(added), frozenset(removed)


def needs(inventory: Inventory, request: JailTags) -> Needs:
    """The current tags, and where they come from."""
    jail = guards.require_jail(inventory, request.name)
    if jail.owner is Owner.BASTILLE and jail.config is not None:
        return bastille.tag_needs(jail)
    return TEXT.needs(inventory, request)


def form_facts(inventory: Inventory, request: JailTags) -> dict[str, str]:
    """The tags that the jail has now."""
    jail = guards.require_jail(inventory, request.name)
    return {jail.name: "?" if jail.tags is None else " ".join(jail.tags) or "-"}


def form_hints(inventory: Inventory, request: JailTags) -> dict[str, FieldHint]:
    """Completions: tags of other jails to add, and its own to remove."""
    jail = inventory.jail(request.name)
    known = {tag for other in inventory.jails for tag in other.tags or ()}
    own = sorted(jail.tags or ()) if jail is not None else []
    words = (*(f"+{tag}" for tag in sorted(known - set(own))), *(f"-{tag}" for tag in own))
    return {"changes": FieldHint(words=words)}


def change(inventory: Inventory, request: JailTags) -> Plan:
    """The plan that adds tags to a jail and removes tags of it."""
    jail = guards.require_jail(inventory, request.name, refusal)
    guards.refuse(problems(inventory, request))
    if jail.owner is Owner.BASTILLE:
        return _of_bastille(inventory, request, jail)
    dataset, present = TEXT.require(inventory, jail)
    old = tags.tags(present[0])
    if old is None:
        raise Refused(
            f"{tags.PROPERTY} of {jail.dataset} is not a list of tags: {sanitize(present[0])}",
            f"Remove it first: zfs inherit {tags.PROPERTY} {guards.word(jail.dataset)}",
        )
    added, removed = split(request.changes)
    new = (frozenset(old) | added) - removed
    title = f"Change the tags of {sanitize(jail.name)}"
    if new == set(old):
        return Plan.unchanged(request, title, jail.name)
    if not new and present[1] not in user_property.OWN:
        raise Refused(
            f"{sanitize(jail.name)} has no tags of its own: they are {sanitize(present[1])}",
            "Remove them there.",
        )
    step = user_property.change(
        dataset,
        tags.PROPERTY,
        old=present,
        new=tags.text(new),
        title=f"{title}: {', '.join(sorted(new)) or 'none'}",
        undo_title="Set the tags as they were",
        jail=jail.name,
    )
    return Plan(request, title, (step,), jail=jail.name)


def _of_bastille(inventory: Inventory, request: JailTags, jail: Jail) -> Plan:
    """The same through bastille, in the file where it keeps them."""
    added, removed = split(request.changes)
    old = bastille.tags_of(inventory, jail)
    steps = bastille.tag_steps(jail, old, (set(old) | added) - removed)
    title = f"Change the tags of {sanitize(jail.name)}"
    if not steps:
        return Plan.unchanged(request, title, jail.name)
    return Plan(request, title, tuple(steps), jail=jail.name)


def unread(inventory: Inventory) -> tuple[str, ...]:
    """The names of the jails whose tags could not be read."""
    return tuple(sorted(jail.name for jail in inventory.jails if jail.tags is None))


def unread_message(names: tuple[str, ...]) -> str:
    """The message about jails whose tags could not be read."""
    return f"the tags of {', '.join(map(sanitize, names))} could not be read"


def with_tag(inventory: Inventory, tag: str, *, only_looks: bool = False) -> tuple[Jail, ...]:
    """All jails that are known to have a tag.

    Raises Refused when there is none. A jail whose tags are not known may have it: what changes
    jails is refused then, what only looks at them is not.
    """
    name = checks.tag(tag)
    unknown = unread(inventory)
    if unknown and not only_looks:
        raise Refused(
            unread_message(unknown), "Name the jails one by one, or see the problems of the host."
        )
    jails = tuple(jail for jail in inventory.jails if name in (jail.tags or ()))
    if not jails and unknown:
        raise Refused(f"no jail is known to have the tag {sanitize(name)}")
    if not jails:
        raise Refused(f"no jail has the tag {sanitize(name)}", f"Add it: tag NAME +{name}")
    return jails
