"""One file of settings: the user's before the host's, and every mistake in it named."""

from __future__ import annotations

from pathlib import Path

import pytest

from jailer_core import settings
from jailer_core.errors import UsageError


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "HOST", str(tmp_path / "host.toml"))
    path = tmp_path / "config" / "jailer-tui" / "settings.toml"
    path.parent.mkdir(parents=True)
    return path


def environ(own: Path, **more: str) -> dict[str, str]:
    return {"XDG_CONFIG_HOME": str(own.parents[1]), **more}


def test_nothing_set(own: Path) -> None:
    assert settings.load(environ(own)) == settings.Settings()
    assert settings.load({}) == settings.Settings()


def test_the_users_file_goes_before_the_hosts(own: Path) -> None:
    Path(settings.HOST).write_text('mirror = "https://host.example"\n')
    assert settings.mirror(environ(own)) == "https://host.example"
    own.write_text('mirror = "https://own.example"\n')
    assert settings.mirror(environ(own)) == "https://own.example"
    home = {"HOME": str(own.parents[1].parent)}
    assert settings.mirror(home) == "https://host.example"


def test_what_is_asked_for_goes_first(own: Path) -> None:
    own.write_text('mirror = "https://own.example"\n')
    given = environ(own, FreeBSD_mirror="https://variable.example")
    assert settings.mirror(given) == "https://variable.example"
    assert settings.mirror(given, "https://asked.example") == "https://asked.example"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("mirror = \n", "line 1"),
        ('miror = "https://x"\n', "no setting miror"),
        ("mirror = 3\n", "in quotes"),
        (b"\xff\xfe", "cannot be read"),
    ],
)
def test_a_mistake_is_named_with_its_file(own: Path, text: str | bytes, said: str) -> None:
    own.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(UsageError, match=said) as caught:
        settings.load(environ(own))
    assert str(own) in caught.value.message
