"""What Textual works out again for each app is worked out once: a worker starts hundreds of them.

Style sheets are parsed, rules are matched against widgets and handlers are looked up by class.
All that depends on nothing but the rules, what selectors look at, and the classes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from types import FunctionType
from typing import Any
from unittest.mock import patch

from textual.app import App
from textual.css.model import RuleSet
from textual.css.styles import RulesMap
from textual.css.stylesheet import Stylesheet
from textual.design import ColorSystem
from textual.dom import DOMNode
from textual.message import Message
from textual.message_pump import MessagePump
from textual.renderables.background_screen import BackgroundScreen
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, RichVisual

FLAGS = ("_has_hover_style", "_has_focus_within", "_has_order_style", "_has_odd_or_even")
"""What Textual notes on a widget about the rules that may apply to it."""
OF_APPS = {"dark", "light", "inline", "ansi", "nocolor"}

_PARSE, _APPLY = Stylesheet._parse_rules, Stylesheet.apply
_DISPATCH = MessagePump._get_dispatch_methods
_GENERATE, _RENDER = ColorSystem.generate, RichVisual.render_strips
_generated: dict[str, dict[str, str]] = {}
_parsed: dict[object, list[RuleSet]] = {}


def _parse(sheet: Stylesheet, css: str, *rest: Any, **options: Any) -> list[RuleSet]:
    key = (css, rest, *options.items(), frozenset(sheet._variables.items()))
    if key not in _parsed:
        _parsed[key] = _PARSE(sheet, css, *rest, **options)
    return _parsed[key]


@dataclass
class Matches:
    """The rules of one style sheet, and what applies to the nodes that it has met."""

    own: frozenset[str]
    above: frozenset[str]
    """Pseudo classes that selectors name, of a node itself and of those that it lies in."""
    everywhere: frozenset[str]
    """And those that all nodes of an app have, or none."""
    known: dict[object, tuple[tuple[bool, ...], RulesMap]] = field(default_factory=dict)


_matches: dict[tuple[int, ...], Matches] = {}
_latest: list[object] = [None, None]
"""The widget whose components are given their styles, and its place."""


def _of(sheet: Stylesheet) -> Matches:
    rules = sheet.rules
    kept: tuple[list[RuleSet], Matches] | None = sheet.__dict__.get("_kept")
    if kept is None or kept[0] is not rules:
        key = tuple(map(id, rules))  # `_parsed` keeps them: no other rule gets their ids
        if key not in _matches:
            sets = [selectors.selectors for rule in rules for selectors in rule.selector_set]
            own = {name for selectors in sets for name in selectors[-1].pseudo_classes}
            above = {
                name
                for selectors in sets
                for selector in selectors[:-1]
                for name in selector.pseudo_classes
            }
            _matches[key] = Matches(
                own=frozenset((own | above) - OF_APPS),
                above=frozenset(above - OF_APPS),
                everywhere=frozenset(own | above),
            )
        kept = rules, _matches[key]
        sheet.__dict__["_kept"] = kept
    return kept[1]


def _place(node: DOMNode, matches: Matches) -> object:
    """All that a selector can see of a node and of those that it lies in."""
    if node._parent is not None and node._parent is _latest[0]:
        return type(node), node._id, frozenset(node._classes), _latest[1]
    place: list[object] = []
    above: Any = node
    while isinstance(above, DOMNode):
        names = matches.own if above is node else matches.above
        if isinstance(above, App):
            names = matches.everywhere
        checks = above._PSEUDO_CLASSES
        place.append((type(above), above._id, frozenset(above._classes)))
        place += [name for name in names if name in checks and checks[name](above)]  # type: ignore[arg-type]
        above = above._parent
    return tuple(place)


def _apply(
    sheet: Stylesheet,
    node: DOMNode,
    *,
    animate: bool = False,
    cache: dict[tuple[Any, ...], RulesMap] | None = None,
) -> None:
    matches = _of(sheet)
    place = _place(node, matches)
    of_component = type(node) is DOMNode
    if not of_component:
        _latest[:] = node, place
    if place in matches.known:
        _wear(sheet, node, *matches.known[place], animate=animate)
    else:
        worked_out: dict[tuple[Any, ...], RulesMap] = {}
        _APPLY(sheet, node, animate=animate, cache=worked_out)
        if worked_out and not animate:  # else its place among its siblings matters
            flags = tuple(getattr(node, name) for name in FLAGS)
            matches.known[place] = flags, node.styles.base.get_rules()
    if not of_component:
        _latest[:] = None, None


def _wear(
    sheet: Stylesheet, node: DOMNode, flags: tuple[bool, ...], rules: RulesMap, *, animate: bool
) -> None:
    for name, flag in zip(FLAGS, flags, strict=True):
        setattr(node, name, flag)
    if node._is_mounted:
        sheet.replace_rules(node, rules, animate=animate)
    else:  # there is nothing to draw again, nor to animate
        node.styles.base.reset()
        node.styles.base.merge_rules(rules)
        node.notify_style_update()
    sheet._process_component_classes(node)


def _render_strips(
    visual: RichVisual, width: int, height: int | None, style: Style, options: RenderOptions
) -> list[Strip]:
    if isinstance(visual._renderable, BackgroundScreen):
        return visual._renderable.screen._compositor.render_strips()
    return _RENDER(visual, width, height, style, options)


def _generate(colours: ColorSystem) -> dict[str, str]:
    key = repr(sorted(vars(colours).items()))
    if key not in _generated:
        _generated[key] = _GENERATE(colours)
    return _generated[key].copy()


@cache
def _handlers(
    pump: type[Any], name: str, message: type[Any]
) -> list[tuple[type, list[FunctionType]]] | None:
    """By class, those that do not depend on the sender; None where some do."""
    messages = [kind for kind in message.__mro__ if issubclass(kind, Message)]
    handlers = []
    for kind in pump.__mro__:
        decorated = kind.__dict__.get("_decorated_handlers") or {}
        chosen = [entry for each in messages for entry in decorated.get(each, ())]
        if any(selectors for _, selectors in chosen):
            return None
        methods = [method for method, _ in chosen]
        named = kind.__dict__.get(f"_{name}") or kind.__dict__.get(name)
        if named is not None and not getattr(named, "_textual_on", None):
            methods.append(named)
        if methods:
            handlers.append((kind, list(dict.fromkeys(methods))))
    return handlers


def _get_dispatch_methods(
    pump: MessagePump, method_name: str, message: Message
) -> Iterator[tuple[type, Callable[[Message], Any]]]:
    kind_of_message: Any = type(message)
    handlers = _handlers(type(pump), method_name, kind_of_message)
    if handlers is None:
        yield from _DISPATCH(pump, method_name, message)
        return
    for kind, methods in handlers:
        if message._no_default_action:
            return
        for method in methods:
            yield kind, method.__get__(pump, kind)


@contextmanager
def textual_once() -> Iterator[None]:
    """Let all apps share that; and do not dim what lies under a dialog."""
    replacements: list[tuple[type, str, object]] = [
        (Stylesheet, "_parse_rules", _parse),
        (Stylesheet, "apply", _apply),
        (MessagePump, "_get_dispatch_methods", _get_dispatch_methods),
        (ColorSystem, "generate", _generate),
        (RichVisual, "render_strips", _render_strips),
    ]
    with ExitStack() as patches:
        for owner, name, replacement in replacements:
            patches.enter_context(patch.object(owner, name, replacement))
        yield
