"""Move a jail to another base, without losing anything.

While the jail runs: a snapshot of it, a clone of the new image beside it, and in that what the jail
changed. Then it is stopped; what it changed since then follows; its dataset is renamed into the
trash and the clone takes its place. So it is stopped for seconds, however large it is.
"""

from __future__ import annotations

from dataclasses import replace

from jailer_core.errors import JailerError, Refused
from jailer_core.model import Dataset, Inventory, Jail
from jailer_core.model.trees import ThreeTrees
from jailer_core.operations import guards
from jailer_core.operations.guards import word
from jailer_core.operations.jails.health import HEALTH
from jailer_core.operations.shared import created
from jailer_core.operations.snapshots import (
    dataset_properties,
    move_to_trash,
    rollback_context as exchange,
)
from jailer_core.operations.snapshots.rollback_context import RollbackContext
from jailer_core.operations.steps import reversible, zfs as zfs_steps
from jailer_core.operations.updates import bases, packages
from jailer_core.operations.updates.bases import Move
from jailer_core.operations.updates.decision import Conflict, Decision, Settlement, Source, decide
from jailer_core.operations.updates.packages import database
from jailer_core.operations.updates.requests import Rebase
from jailer_core.parse import zfsdiff
from jailer_core.plan import (
    BringOver,
    DatasetExists,
    DatasetHasGuid,
    JailStopped,
    Needs,
    OriginIs,
    PathExists,
    Plan,
    PropertyIs,
    RemoveDir,
    Run,
    Step,
    Undo,
)
from jailer_core.plan.steps import Work
from jailer_core.text import sanitize

TIMEOUT = 12 * 3600.0
HEALTH_TIMEOUT = 120.0
SHOWN = 8
"""How many conflicts a refusal names."""


def needs(inventory: Inventory, request: Rebase) -> Needs:
    """What exchanging the jail's state needs, and the three trees."""
    jail = guards.require_jail(inventory, request.name)
    asked = exchange.needs_of(inventory, request.name) | Needs(paths=(database(jail.path),))
    try:
        made = bases.move(inventory, jail, request.image)
    except JailerError:
        return asked  # `rebase` says why
    return asked | Needs(
        trees=(bases.question(inventory, made),), paths=(_build_root(made.dataset, jail.name),)
    )


def _build_root(dataset: Dataset, name: str) -> str:
    """Where the clone is mounted while it is built: beside the jail."""
    return f"{dataset.mountpoint.rpartition('/')[0]}/.rebase-{name}"


def decided(inventory: Inventory, request: Rebase) -> Decision:
    """The outcome for the files of a jail, with the conflicts. Raises Refused, Already."""
    jail = guards.require_jail(inventory, request.name, guards.require_owned)
    made = bases.move(inventory, jail, request.image)
    return decide(_trees(inventory, made), _settlements(request))


def _trees(inventory: Inventory, made: Move) -> ThreeTrees:
    question = bases.question(inventory, made)
    trees = inventory.trees.get(question)
    if trees is None:
        message = f"what {sanitize(made.jail.name)} changed could not be read"
        problems = (problem for problem in inventory.problems if problem.source == question.jail)
        reasons = (f": {problem.message}" for problem in problems if problem.message)
        raise Refused(f"{message}{next(reasons, '')}", "See the problems, and try again.")
    return trees


def _settlements(request: Rebase) -> dict[str, Settlement]:
    return {
        path: Settlement(choice != "theirs", text if choice == "text" else None)
        for path, choice, text in request.settle
    }


def rebase(inventory: Inventory, request: Rebase) -> Plan:
    """The plan that moves a jail to another base. Raises Refused, Already."""
    jail = guards.require_jail(inventory, request.name, guards.require_owned)
    made = bases.move(inventory, jail, request.image)
    decision = decide(_trees(inventory, made), _settlements(request))
    _no_conflicts(jail, decision.conflicts)
    case = exchange.context_of_state(inventory, jail.name, ())
    # the jail's own dataset is exchanged; those below it move along as they are
    case = replace(case, chosen=frozenset({jail.dataset}))
    steps, notes = _Steps(inventory, request, made, case).all()
    title = f"Move {sanitize(jail.name)} to {sanitize(made.new.version)}"
    notes = [*_summary(made, decision), *notes, *packages.unfit_notes(inventory, made)]
    notes.append(f"Undo it: rollback --undo {word(jail.name)}")
    return Plan(request, title, tuple(steps), notes=tuple(notes), jail=jail.name)


def _no_conflicts(jail: Jail, conflicts: list[Conflict]) -> None:
    if not conflicts:
        return
    shown = ", ".join(
        f"{sanitize(conflict.path)} ({conflict.clash.value})" for conflict in conflicts[:SHOWN]
    )
    more = f", and {len(conflicts) - SHOWN} more" if len(conflicts) > SHOWN else ""
    count = "1 conflict" if len(conflicts) == 1 else f"{len(conflicts)} conflicts"
    raise Refused(
        f"{count} to resolve in {sanitize(jail.name)}: {shown}{more}",
        f"See them: rebase --conflicts {word(jail.name)}. Resolve them with --ours, --theirs, "
        "--merge.",
    )


def _summary(made: Move, decision: Decision) -> list[str]:
    kept, merged = decision.count(Source.JAIL), decision.count(Source.TEXT)
    release = made.new.userland or made.new.version
    old = sanitize(made.jail.userland) or "its base"
    unchanged = "what the jail never changed comes from the new image"
    counts = f"{kept} kept as the jail has them, {merged} merged, {decision.removed} removed"
    return [
        f"From {old} to {sanitize(release)}: {unchanged}.",
        f"Of the files that the jail changed: {counts}.",
    ]


class _Steps:
    """The steps of a move, and what must be said about them."""

    def __init__(
        self, inventory: Inventory, request: Rebase, made: Move, case: RollbackContext
    ) -> None:
        self.inventory = inventory
        self.request = request
        self.made = made
        self.case = case
        self.name = made.jail.name
        self.dataset = made.dataset
        parent = made.dataset.name.rpartition("/")[0]
        self.build = f"{parent}/.rebase-{self.name}"
        self._build_root = _build_root(made.dataset, self.name)
        self.first = f"rebase-{request.stamp}"
        self.second = f"rebase-{request.stamp}-stopped"

    def all(self) -> Work:
        """All steps in their order."""
        case, inventory = self.case, self.inventory
        properties = dataset_properties.carried(inventory, case.parts)
        self._may_be_built(properties)
        options = self._options(properties.options(self.dataset.name))
        new = self.made.new
        because = f"before it was moved to {new.version}"
        way = move_to_trash.way(case, properties, self.request.stamp, because)
        steps = [*way.before, self._snapshot(self.first)]
        own_mountpoint = properties.value(self.dataset.name, "mountpoint")
        if own_mountpoint and self._build_root not in inventory.file_stats:
            steps.append(replace(created.directory(self._build_root), jail=self.name))
        title, origin = f"Clone {sanitize(new.version)} beside the jail", self.made.new_snapshot
        steps.append(zfs_steps.clone(origin, self.build, title, options, jail=self.name))
        steps.append(self._bring(self.first))
        down, notes = exchange.take_down(case)
        steps += down
        if self.made.jail.running:
            steps += [self._snapshot(self.second, stopped=True), self._bring_rest()]
        steps += self._drop_snapshots()
        steps += [*way.aside, way.move, self._take_place()]
        if own_mountpoint:
            steps += [self._mount_in_place(), self._drop_directory()]
        for dataset in case.kept:
            steps += move_to_trash.put_back(case, dataset, way.target)
        up, notes_up = exchange.bring_up(case, self.request.start)
        health = properties.value(self.dataset.name, HEALTH)
        if up and health:
            up.append(self._check(health))
            notes_up.append(
                "Its health command is run then; when that fails, the jail is moved back."
            )
        notes += [f"{dataset.name} is unchanged." for dataset in case.kept]
        notes.append(f"The current state goes to the trash as {way.entry}: nothing is lost.")
        return [*steps, *up], [*notes, *notes_up]

    def _check(self, command: str) -> Step:
        """A failure takes everything back: the jail then runs on its old base again."""
        return Step(
            Run(("jexec", "-l", self.name, "/bin/sh", "-c", command)),
            "Check that the jail works",
            timeout=HEALTH_TIMEOUT,
            irreversible_because="it only reads",
            jail=self.name,
            failure_means="the jail does not work on its new base",
            hint="It was moved back to its old one.",
        )

    def _may_be_built(self, properties: dataset_properties.DatasetProperties) -> None:
        """Raises Refused where the clone could not be mounted beside the jail."""
        dataset = sanitize(self.dataset.name)
        if properties.value(self.dataset.name, "canmount"):
            raise Refused(
                f"canmount is set on {dataset}, and a clone of it would not be mounted",
                f"Let it inherit first: zfs inherit canmount {word(self.dataset.name)}",
            )
        if properties.value(self.dataset.name, "mountpoint") not in ("", self.dataset.mountpoint):
            raise Refused(
                f"{dataset} is not mounted by ZFS itself", "Set its mount point: zfs set mountpoint"
            )
        if self.inventory.dataset(self.build) is not None:
            raise Refused(
                f"{sanitize(self.build)} is left over from an earlier attempt",
                f"Destroy it first: zfs destroy {word(self.build)}",
            )

    def _options(self, options: tuple[str, ...]) -> tuple[str, ...]:
        """Those of the clone while it is built: with a mount point of its own, another one."""
        return tuple(
            f"mountpoint={self._build_root}" if option.startswith("mountpoint=") else option
            for option in options
        )

    def _mount_in_place(self) -> Step:
        """The clone was mounted beside the jail; now it gets the jail's own mount point."""
        name, place = self.dataset.name, self.dataset.mountpoint
        return reversible(
            (Run(("zfs", "set", f"mountpoint={place}", name)), f"Mount it on {sanitize(place)}"),
            (
                Run(("zfs", "set", f"mountpoint={self._build_root}", name)),
                f"Mount it on {sanitize(self._build_root)} again",
            ),
            before=(PropertyIs(name, "mountpoint", self._build_root),),
            after=(PropertyIs(name, "mountpoint", place),),
            same=(OriginIs(name, self.made.new_snapshot),),
            jail=self.name,
        )

    def _drop_directory(self) -> Step:
        """ZFS leaves the directory of a mount point that was set, and makes it where missing."""
        path = self._build_root
        absent = (PathExists(path, exists=False),)
        title = f"Remove the directory {sanitize(path)}"
        return Step(RemoveDir(path), title, postconditions=absent, skip_if=absent, jail=self.name)

    def _root(self, snapshot: str) -> str:
        return f"{self.dataset.mountpoint}/.zfs/snapshot/{snapshot}"

    def _snapshot(self, name: str, *, stopped: bool = False) -> Step:
        full = f"{self.dataset.name}@{name}"
        when = (JailStopped(self.name),) if stopped else ()
        same = DatasetHasGuid(self.dataset.name, self.dataset.guid)
        return zfs_steps.snapshot([full], before=(*when, same), jail=self.name)

    def _drop_snapshots(self) -> list[Step]:
        """They were only needed for the copy, and would come back with an undo."""
        names = (self.second, self.first) if self.made.jail.running else (self.first,)
        return [
            zfs_steps.destroy_made(
                full, f"Destroy {sanitize(full)}, which was only needed for the copy", self.name
            )
            for full in (f"{self.dataset.name}@{name}" for name in names)
        ]

    def _bring(self, snapshot: str) -> Step:
        full = f"{self.dataset.name}@{snapshot}"
        diff = (*zfsdiff.COMMAND, self.made.old, full) if self.made.cloned else ()
        return self._bring_step(snapshot, diff, "", "Bring over what the jail changed")

    def _bring_rest(self) -> Step:
        first, second = (
            f"{self.dataset.name}@{snapshot}" for snapshot in (self.first, self.second)
        )
        title = "Bring over what the jail has changed since"
        diff = (*zfsdiff.COMMAND, first, second)
        return self._bring_step(self.second, diff, self._root(self.first), title)

    def _bring_step(self, snapshot: str, diff: tuple[str, ...], before: str, title: str) -> Step:
        action = BringOver(
            self._build_root,
            bases.root_of(self.inventory, self.made.old),
            self._root(snapshot),
            bases.root_of(self.inventory, self.made.new_snapshot),
            diff,
            self.dataset.mountpoint,
            before,
            self.request.settle,
        )
        return Step(
            action,
            title,
            timeout=TIMEOUT,
            preconditions=(OriginIs(self.build, self.made.new_snapshot),),
            jail=self.name,
            failure_means="what the jail changed could not be brought over",
            hint="Nothing was exchanged: the jail has its old base.",
        )

    def _take_place(self) -> Step:
        """A clone of the new image takes the jail's name; with it, its place in the file system."""
        origin = self.made.new_snapshot
        on_build, on_dataset = OriginIs(self.build, origin), OriginIs(self.dataset.name, origin)
        absent = DatasetExists(self.build, exists=False)
        back = Undo(
            Run(("zfs", "rename", self.dataset.name, self.build)),
            f"Move {sanitize(self.dataset.name)} aside again",
            preconditions=(on_dataset, absent),
            done_when=(on_build,),
        )
        return Step(
            Run(("zfs", "rename", self.build, self.dataset.name)),
            "Let the new state take its place",
            undo=(back,),
            preconditions=(
                JailStopped(self.name),
                on_build,
                DatasetExists(self.dataset.name, exists=False),
            ),
            postconditions=(on_dataset, absent),
            jail=self.name,
        )
