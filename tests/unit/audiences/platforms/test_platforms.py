"""Platforms are found by walking, and each declaration is complete."""

import pytest
from audiences.errors import SetupError
from audiences.platforms import discover, find

DECLARATION = """
from audiences.platforms.base import Platform
PLATFORM = Platform(slug={slug!r}, title="T", docs="https://example.com", api_version="1", identifiers={{}})
"""


def write(folder, name, text):
    (folder / name).mkdir(parents=True)
    (folder / name / "__init__.py").write_text(text)


@pytest.fixture
def package(tmp_path, monkeypatch, request):
    name = f"platforms_{request.node.name}"
    (tmp_path / name).mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path / name


def test_a_new_folder_is_a_new_platform(package):
    write(package, "one", DECLARATION.format(slug="one"))
    assert list(discover([str(package)], package.name)) == ["one"]


def test_folder_without_a_platform_is_named(package):
    write(package, "empty", "")
    with pytest.raises(
        SetupError, match=r"platforms/empty/__init__\.py declares no platform[\s\S]*Add PLATFORM"
    ):
        discover([str(package)], package.name)


def test_duplicate_slug_is_named(package):
    write(package, "one", DECLARATION.format(slug="one"))
    write(package, "two", DECLARATION.format(slug="one"))
    with pytest.raises(SetupError, match="platforms/two and platforms/one both use the slug 'one'"):
        discover([str(package)], package.name)


@pytest.mark.parametrize("slug", discover())
def test_declaration_is_complete(slug):
    platform = find(slug)
    assert platform.slug == slug
    assert platform.docs.startswith("https://")
    assert platform.api_version
    for identifier in platform.identifiers.values():
        assert identifier.steps
        assert identifier.source.startswith(("https://", "PyPI ", "npm "))
        assert set(identifier.required_with) <= set(platform.identifiers)


def test_unknown_slug_and_field_list_what_there_is():
    with pytest.raises(SetupError, match=r"no platform 'nobody'[\s\S]*meta"):
        find("nobody")
    with pytest.raises(SetupError, match=r"no field 'city'[\s\S]*email, phone, maid"):
        find("snap").identifier("city")


def test_identifiers_cannot_be_changed():
    with pytest.raises(TypeError):
        find("snap").identifiers["email"] = None
