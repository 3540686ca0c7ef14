"""Everything that a key can do, declared once: footer, help, palette and README come from here.

An action applies in places: `all` (every screen), `tabs` (every tab), `jails` (the table and the
opened jail), `table`, `detail` (an opened jail), `images`, `list` (any list with a cursor), `text`
(any text that scrolls), and the dialogs by their names.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from textual.binding import Binding, BindingType

from jailer_core.model import Inventory, Jail
from jailer_core.plan import Danger


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do. `op` is the Request.op behind it, "" when nothing is changed.

    `footer` says how early it is shown at the bottom (0: never). An id `NAME:HOW` is carried out
    by the method `action_NAME(HOW)` of the widget with the focus, any other by `do_ID` of the
    screen or the app.
    """

    id: str
    keys: tuple[str, ...]
    label: str
    help: str
    where: tuple[str, ...]
    op: str = ""
    danger: Danger = Danger.NONE
    footer: int = 0

    @property
    def binding(self) -> Binding:
        """For textual."""
        name, _, how = self.id.partition(":")
        call = f"{name}({how!r})" if how else f"do({name!r})"
        return Binding(",".join(self.keys), call, self.label, show=False, id=self.id)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What besides the host decides whether something may be done now."""

    read_only: bool = False
    marked: int = 0
    stale: bool = False


ONE = ("edit", "clone", "rename")
"""Actions on the jail under the cursor alone, whatever is marked."""

_MAY, _DEADLY = Danger.CHANGES, Danger.DESTROYS

ACTIONS = (
    # --- jails
    Action(
        "toggle",
        ("s",),
        "Start/stop",
        "Start the jail, or stop it when it runs. With marks: all marked jails.",
        ("jails",),
        op="start",
        danger=_MAY,
        footer=1,
    ),
    Action(
        "restart",
        ("r",),
        "Restart",
        "Stop the jail and start it again with its present configuration.",
        ("jails",),
        op="restart",
        danger=_MAY,
        footer=5,
    ),
    Action(
        "destroy",
        ("d",),
        "Destroy",
        "Move the jail to the trash, from where it can come back. Asks for its name.",
        ("jails",),
        op="destroy",
        danger=_DEADLY,
        footer=4,
    ),
    Action(
        "edit",
        ("e",),
        "Edit",
        "Open its configuration in $EDITOR; the change is shown before it is written.",
        ("jails",),
        op="edit",
        danger=_MAY,
        footer=8,
    ),
    Action(
        "create",
        ("c",),
        "Create",
        "Make a jail: step by step, or with all fields on one screen.",
        ("table",),
        op="create",
        danger=_MAY,
        footer=2,
    ),
    Action(
        "clone",
        ("C",),
        "Clone",
        "Make another jail like this one, as it is now or as a snapshot of it.",
        ("jails",),
        op="clone",
        danger=_MAY,
    ),
    Action(
        "rename",
        ("R",),
        "Rename",
        "Give the jail another name; one that runs is stopped first and started again.",
        ("jails",),
        op="rename",
        danger=_MAY,
    ),
    Action(
        "boot_order",
        ("b",),
        "Boot order",
        "Which jails start at boot, and in which order.",
        ("table",),
        op="boot",
        danger=_MAY,
    ),
    Action(
        "network_use",
        (),
        "Default network",
        "How new jails are connected when nobody says otherwise.",
        ("table",),
        op="network",
        danger=_MAY,
    ),
    Action(
        "start_all",
        ("A",),
        "Start all",
        "Start all of our jails that do not run, in the order of the boot list.",
        ("table",),
        op="startall",
        danger=_MAY,
    ),
    Action(
        "stop_all",
        ("S",),
        "Stop all",
        "Stop all of our jails, in reverse order. Other managers' jails are left alone.",
        ("table",),
        op="stopall",
        danger=_MAY,
    ),
    Action(
        "trash",
        ("t",),
        "Trash",
        "Destroyed jails: bring one back, or destroy it for good.",
        ("table",),
        footer=8,
    ),
    # --- the table
    Action(
        "open",
        ("enter",),
        "Open",
        "Show everything about the jail: summary, configuration, processes, snapshots, log.",
        ("table",),
        footer=7,
    ),
    Action(
        "filter",
        ("slash",),
        "Filter",
        "Show only rows with these words in name, state, address, owner… `!word`: without it.",
        ("tabs",),
        footer=3,
    ),
    Action(
        "clear",
        ("escape",),
        "Clear",
        "Drop the filter; without a filter, drop the marks.",
        ("tabs",),
    ),
    Action(
        "sort",
        ("o",),
        "Sort",
        "Choose the column to sort by; the same one again turns the order round.",
        ("table",),
        footer=9,
    ),
    Action("reverse", ("O",), "Reverse", "Turn the order of the table round.", ("table",)),
    Action(
        "mark",
        ("space",),
        "Mark",
        "Mark the jail, or take the mark away, and go down. Actions then mean all marked jails.",
        ("table",),
        footer=6,
    ),
    Action("mark_all", ("a",), "Mark all", "Mark every jail that is shown.", ("table",)),
    Action("mark_none", ("u",), "Unmark all", "Take all marks away.", ("table",)),
    Action("mark_invert", ("i",), "Invert marks", "Mark what is not marked.", ("table",)),
    Action(
        "work",
        ("w",),
        "Work",
        "What was started from here: look at work in the background again.",
        ("jails", "images", "doctor"),
    ),
    Action(
        "tab:previous",
        ("left", "h"),
        "Previous part",
        "Show the part of the jail before: summary, configuration, processes…",
        ("jails",),
    ),
    Action(
        "tab:next",
        ("right", "l"),
        "Next part",
        "Show the next part of the jail.",
        ("jails",),
        footer=10,
    ),
    Action(
        "swap",
        ("tab", "shift+tab"),
        "Other side",
        "Go between the table and the panel beside it.",
        ("table",),
    ),
    Action(
        "back",
        ("escape", "backspace"),
        "Back",
        "Back to the table.",
        ("detail", "doctor"),
        footer=1,
    ),
    # --- tabs
    Action("jails_tab", ("1",), "Jails", "The jails of this host.", ("tabs",)),
    Action("images_tab", ("2",), "Images", "Releases that jails can be made from.", ("tabs",)),
    Action(
        "doctor",
        ("D",),
        "Set-up",
        "Look whether this host is set up for jails, and set it up where it is not.",
        ("tabs",),
        footer=12,
    ),
    # --- the doctor
    Action(
        "fix",
        ("enter",),
        "Fix/go on",
        "Do all that is marked, as one plan, shown first. When nothing is to be done: go on.",
        ("doctor",),
        op="init",
        danger=_MAY,
        footer=1,
    ),
    Action(
        "mark_fix",
        ("space",),
        "Mark",
        "Mark what is to be done, or take the mark away, and go down.",
        ("doctor",),
        footer=2,
    ),
    Action(
        "fix_one",
        ("f",),
        "This alone",
        "Do only what is under the cursor, whatever is marked.",
        ("doctor",),
        op="init",
        danger=_MAY,
        footer=3,
    ),
    Action(
        "choices",
        ("e",),
        "Choose",
        "Choose how it is done: which pool, which net, how much room.",
        ("doctor",),
        footer=4,
    ),
    Action(
        "mark_fixes",
        ("a",),
        "Mark all",
        "Mark everything that can be done; when it is marked already, nothing.",
        ("doctor",),
    ),
    Action(
        "look_again",
        ("R",),
        "Look again",
        "Look at the host once more.",
        ("doctor",),
        footer=5,
    ),
    Action(
        "take",
        ("f10", "ctrl+s"),
        "Take it",
        "It is to be done like that; nothing is done yet.",
        ("choices",),
        footer=2,
    ),
    # --- images
    Action(
        "image_next",
        ("enter",),
        "Fetch/use",
        "Fetch the release; one that is fetched becomes the default for new jails.",
        ("images",),
        op="fetch",
        danger=_MAY,
        footer=1,
    ),
    Action(
        "fetch",
        ("f",),
        "Fetch",
        "Download the release, check its sum, and keep it as an image.",
        ("images",),
        op="fetch",
        danger=_MAY,
    ),
    Action(
        "use",
        ("u",),
        "Use",
        "Make the image the default: new jails are made from it.",
        ("images",),
        op="use",
        danger=_MAY,
    ),
    Action(
        "image_destroy",
        ("d",),
        "Destroy",
        "Destroy the image for good, unless a jail lives on it. Asks for its name.",
        ("images",),
        op="unfetch",
        danger=_DEADLY,
        footer=2,
    ),
    Action(
        "ask_mirror",
        ("m",),
        "Ask mirror",
        "Read once more what the mirror has.",
        ("images",),
        footer=5,
    ),
    # --- moving
    Action("move:up", ("up", "k"), "Up", "One line up.", ("list", "text")),
    Action("move:down", ("down", "j"), "Down", "One line down.", ("list", "text")),
    Action("move:page_up", ("pageup", "ctrl+b"), "Page up", "One page up.", ("list", "text")),
    Action("move:page_down", ("pagedown", "ctrl+f"), "Page down", "A page down.", ("list", "text")),
    Action("move:top", ("home", "g"), "Top", "To the first line.", ("list", "text")),
    Action("move:bottom", ("end", "G"), "Bottom", "To the last line.", ("list", "text")),
    # --- everywhere
    Action(
        "palette",
        ("colon", "ctrl+p"),
        "Commands",
        "Every action by its name, with the reason when one is not possible now.",
        ("all",),
        footer=11,
    ),
    Action("help", ("question_mark", "f1"), "Help", "This page.", ("all", "quiet"), footer=12),
    Action("theme", (), "Colours", "The next theme: dark, light, the terminal's own.", ("all",)),
    Action(
        "elevate",
        (),
        "Restart as root",
        "Leave, and start the whole program again through doas or sudo.",
        ("all",),
    ),
    Action("redraw", ("ctrl+l",), "Redraw", "Draw the screen anew, read again.", ("all", "quiet")),
    Action(
        "suspend_process",
        ("ctrl+z",),
        "Suspend",
        "Back to the shell for a while; `fg` returns.",
        ("all", "quiet"),
    ),
    Action(
        "leave",
        ("q", "ctrl+c"),
        "Quit",
        "Leave. Asks first while something is being changed.",
        ("all",),
        footer=13,
    ),
    # --- dialogs
    Action("run", ("y",), "Run", "Do exactly what is shown.", ("preview",), footer=1),
    Action("yes", ("y",), "Yes", "What the first button says.", ("question",), footer=1),
    Action(
        "cancel",
        ("escape", "q", "n", "ctrl+c"),
        "Cancel",
        "Leave without doing anything.",
        ("preview", "confirm"),
        footer=2,
    ),
    Action(
        "press",
        ("enter",),
        "Press",
        "What the chosen button says; tab or an arrow chooses.",
        ("buttons",),
    ),
    Action(
        "choose:next",
        ("tab", "right", "l"),
        "Next button",
        "Choose the next button.",
        ("buttons",),
    ),
    Action(
        "choose:previous",
        ("shift+tab", "left", "h"),
        "Button before",
        "Choose the button before.",
        ("buttons",),
    ),
    Action(
        "close",
        ("escape", "q", "enter", "ctrl+c"),
        "Close",
        "Close this; what runs goes on.",
        ("progress", "help"),
        footer=1,
    ),
    Action(
        "abort",
        ("x",),
        "Abort",
        "End the running step and take back what was done. Asks first.",
        ("progress", "batch"),
        danger=_MAY,
        footer=2,
    ),
    Action(
        "look",
        ("enter", "o"),
        "Look",
        "Show the steps and the output of this one.",
        ("batch",),
        footer=1,
    ),
    Action(
        "restore",
        ("r", "enter"),
        "Restore",
        "Bring the jail back as it was.",
        ("trash",),
        op="restore",
        danger=_MAY,
        footer=1,
    ),
    Action(
        "purge",
        ("p",),
        "Purge",
        "Destroy it for good. Asks for its name.",
        ("trash",),
        op="purge",
        danger=_DEADLY,
        footer=2,
    ),
    Action(
        "dismiss",
        ("escape", "q", "ctrl+c"),
        "Back",
        "Close this.",
        ("trash", "choice", "batch", "order"),
        footer=3,
    ),
    Action("field:cursor_left", ("left",), "Left", "One character left.", ("field",)),
    Action("field:cursor_right", ("right",), "Right", "One character right.", ("field",)),
    Action("field:home", ("home", "ctrl+a"), "Begin", "To the begin of the text.", ("field",)),
    Action("field:end", ("end", "ctrl+e"), "End", "To the end of the text.", ("field",)),
    Action("field:delete_left", ("backspace",), "Rub out", "The character before.", ("field",)),
    Action("field:delete_right", ("delete",), "Delete", "The character under it.", ("field",)),
    Action("field:delete_left_word", ("ctrl+w",), "Word", "Rub out a word.", ("field",)),
    Action("field:delete_left_all", ("ctrl+u",), "All", "Rub out all before.", ("field",)),
    Action("field:submit", ("enter",), "Accept", "Take the text.", ("field",)),
    # --- forms
    Action(
        "go:enter",
        ("enter",),
        "Next",
        "Take what stands there, and go on.",
        ("form", "choices"),
        footer=1,
    ),
    Action("go:next", ("tab", "down"), "Field below", "To the next field.", ("form", "choices")),
    Action(
        "go:previous",
        ("shift+tab", "up"),
        "Field above",
        "To the field before.",
        ("form", "choices"),
    ),
    Action("go:page_down", ("pagedown",), "Down", "Six fields further.", ("form", "choices")),
    Action("go:page_up", ("pageup",), "Up", "Six fields back.", ("form", "choices")),
    Action(
        "switch",
        ("f2",),
        "Steps/all fields",
        "Question after question, or all fields at once; what was filled in stays.",
        ("wizard",),
        footer=3,
    ),
    Action(
        "submit",
        ("f10", "ctrl+s"),
        "Preview",
        "Show exactly what would be done; then it can be run.",
        ("form",),
        footer=2,
    ),
    Action(
        "leave_form",
        ("escape", "ctrl+c"),
        "Back",
        "To the question before, or out of the form. Asks before it forgets anything.",
        ("form", "choices"),
        footer=4,
    ),
    Action("turn:previous", ("left",), "Before", "The value before.", ("options",)),
    Action("turn:next", ("right",), "After", "The next value.", ("options",)),
    Action("turn:list", ("space",), "List", "Choose from a list; tick or untick.", ("options",)),
    # --- the boot order
    Action(
        "tick",
        ("space",),
        "Starts or not",
        "Let the jail start at boot, as the last one; or not any more.",
        ("order",),
        footer=1,
    ),
    Action(
        "lift:up",
        ("K", "shift+up"),
        "Earlier",
        "Start it before the one above.",
        ("order",),
        footer=2,
    ),
    Action(
        "lift:down",
        ("J", "shift+down"),
        "Later",
        "Start it after the one below.",
        ("order",),
        footer=2,
    ),
    Action(
        "hand_in",
        ("enter", "f10", "ctrl+s"),
        "Preview",
        "Show what would be written; then it can be done.",
        ("order",),
        footer=2,
    ),
    Action("pick", ("enter",), "Choose", "Take the line under the cursor.", ("choice",), footer=1),
)

_OF_THE_HOST = ("boot", "network", "init", "fetch", "use", "unfetch")
"""Operations that need no jail to be chosen."""

BY_ID = {one.id: one for one in ACTIONS}


def in_places(*places: str) -> tuple[Action, ...]:
    """The actions that apply in these places, in the order of the table."""
    return tuple(one for one in ACTIONS if any(place in one.where for place in places))


def bindings(*places: str) -> list[BindingType]:
    """The keys of these places, for textual."""
    return [one.binding for one in in_places(*places) if one.keys]


def why_not_now(inventory: Inventory | None, now: Circumstances) -> str:
    """Why nothing at all can be changed now, or "". Reading only is said before anything else."""
    if now.read_only:
        return "this session is read-only"
    if inventory is None:
        return "the host has not been read yet"
    if now.stale:
        return "what is shown is old: the host cannot be read"
    if inventory.host.uid is None:
        return "who runs this is not known"
    return "" if inventory.host.root else "only root may change this host"


def why_not(
    action: Action, inventory: Inventory | None, jail: Jail | None, now: Circumstances
) -> str:
    """Why this cannot be done now, or ""."""
    if not action.op:
        return ""
    said = why_not_now(inventory, now)
    if said or inventory is None or action.op in _OF_THE_HOST:
        return said
    if now.marked and "jails" in action.where and action.id not in ONE:
        return ""
    # the first table is on the screen before all operations are imported
    from jailer_core.operations import why_not as core_why_not  # noqa: PLC0415

    op = "stop" if action.id == "toggle" and jail is not None and jail.running else action.op
    return core_why_not(inventory, op, jail)


# --- for people ------------------------------------------------------------------------------

_NAMES = {
    "slash": "/",
    "colon": ":",
    "question_mark": "?",
    "space": "space",
    "escape": "esc",
    "pageup": "pgup",
    "pagedown": "pgdn",
    "shift+tab": "shift-tab",
}


def key_name(key: str) -> str:
    """A key as people call it: `/`, `ctrl-l`, `esc`."""
    return _NAMES.get(key, key.replace("ctrl+", "ctrl-"))


def key_names(action: Action) -> str:
    """All keys of an action."""
    return " ".join(key_name(key) for key in action.keys)


def footer_actions(places: Iterable[str]) -> list[Action]:
    """Those shown at the bottom, the most important first."""
    return sorted(
        (one for one in in_places(*places) if one.footer), key=lambda action: action.footer
    )


def readme_table() -> str:
    """The table of keys for README.md."""
    rows = ["| key | does | |", "|---|---|---|"]
    for one in ACTIONS:
        keys = " ".join(f"`{key_name(key)}`" for key in one.keys) or "(palette)"
        rows.append(f"| {keys} | {one.label} | {one.help} |")
    return "\n".join(rows) + "\n"
