"""What operations declare about themselves holds together."""

from __future__ import annotations

import dataclasses
import inspect
from collections import Counter

import pytest

import jailer_core.operations  # noqa: F401 - declares all of them
from jailer_core.operations import registry
from jailer_core.operations.spec import Kind, Role, declared, spec_of
from jailer_core.plan import Request

SPECS = declared()


@pytest.mark.parametrize("request_class", SPECS, ids=lambda kind: kind.__name__)
def test_a_declaration_is_complete(request_class: type[Request]) -> None:
    spec = spec_of(request_class)
    assert spec.op == request_class.op
    assert spec.summary[0].islower() or spec.summary.startswith("zfs")
    assert not spec.summary.endswith(".")
    for field in spec.fields:
        assert field.role is Role.PROVIDED or len(field.label) <= 14, field.name
        assert not field.help or field.help.endswith("."), field.help
        assert field.role is not Role.OPTION or field.flags or field.off
        assert field.help or not field.flags
        assert field.off_help or not field.off


def test_no_option_of_an_operation_has_two_meanings() -> None:
    for spec in SPECS.values():
        flags = Counter(flag for field in spec.fields for flag in (*field.flags, *field.off))
        assert not [flag for flag, times in flags.items() if times > 1], spec.op


def test_a_default_is_that_of_the_dataclass() -> None:
    for request_class, spec in SPECS.items():
        fields = {field.name: field for field in dataclasses.fields(request_class)}
        for declared_field in spec.fields:
            assert declared_field.default == fields[declared_field.name].default


def test_switches_are_truth_values() -> None:
    for request_class, spec in SPECS.items():
        types = {field.name: field.type for field in dataclasses.fields(request_class)}
        for field in spec.fields:
            if field.kind is Kind.SWITCH:
                assert types[field.name] in ("bool", "bool | None")


@pytest.mark.parametrize("request_class", SPECS, ids=lambda kind: kind.__name__)
def test_what_forms_ask_an_operation_takes_host_and_request(request_class: type[Request]) -> None:
    spec = spec_of(request_class)
    functions = {"needs": registry._beside(spec, spec.needs, "needs")}
    for name in ("problems", "form_values", "form_facts", "form_hints", "form_results"):
        functions[name] = registry.for_form(spec, name)
    for name, function in functions.items():
        assert function is None or len(inspect.signature(function).parameters) == 2, name
