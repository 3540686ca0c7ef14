"""Imports go one way, those for types included; the layers are contracts in pyproject.toml."""

from graphlib import CycleError, TopologicalSorter

import grimp


def test_no_module_imports_itself_through_others() -> None:
    graph = grimp.build_graph(
        "jailer_core", "jailer_tui", exclude_type_checking_imports=False, cache_dir=None
    )
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        circle = " is imported by ".join(error.args[1])
        raise AssertionError(circle) from None
