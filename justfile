# Tasks for developers. `just` alone lists them.

python := ".venv/bin/python"

[private]
default:
    @just --list

# Create the virtual environment.
setup:
    python3 -m venv .venv
    {{python}} -m pip install --quiet -e '.[dev]'

# Lint, format check, types and import contracts.
check:
    .venv/bin/ruff check .
    .venv/bin/ruff format --check .
    .venv/bin/mypy
    .venv/bin/mypy tests
    .venv/bin/lint-imports

# The tests, as in README.md.
test *args:
    {{python}} -m pytest {{args}}

# Every plan case in every failure test. Slow; run it before a release.
test-all:
    {{python}} -m pytest --exhaustive

# Speed and memory, against the limits in tests/bench.
bench:
    {{python}} -m tests.bench

# Renew the text snapshots of the screen. Look at each difference before you commit.
pictures:
    JAILER_TUI_RENEW=1 {{python}} -m pytest tests/tui

# Renew the pictures and the recorded session of the README.
screenshots:
    {{python}} screenshots/make.py
    {{python}} screenshots/record.py

# Renew the pages that are made from the program.
docs:
    {{python}} -m tests.documentation
    {{python}} -m tests.tui.commandline.made
    {{python}} -m tests.architecture

# The program as one file, a wheel and an sdist, in dist/. The same sources give the same bytes.
build:
    {{python}} packaging/zipapp/build.py
    {{python}} -m pip install --quiet build
    {{python}} -m build --quiet

# README's commands and the packages on a new Debian with only Python. Needs root and debootstrap.
debian suite="bookworm":
    packaging/debian.sh {{suite}}

# Everything that CI runs.
ci:
    .ci/run

# Open the demo: fresh, small, busy, wired or large.
demo scenario="busy":
    .venv/bin/jailer-tui --demo {{scenario}}
