"""What an operator is given: a compose file of known settings, a clean deployment check, a wheel that runs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import httpx2
import pytest

from feedguard import env
from feedguard.databases import default
from feedguard.env import SettingError
from feedguard.launch import _address
from tests.running import ROOT, free_port, until


def test_the_compose_file_keeps_to_its_schema() -> None:
    command = [Path(sys.executable).parent / "check-jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*command, ROOT / "docker-compose.yml"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_compose_file_the_image_and_the_unit_name_only_known_settings_and_commands() -> None:
    import feedguard.settings  # noqa: F401 – reads all settings

    files = {
        name: (ROOT / name).read_text() for name in ("docker-compose.yml", "Dockerfile", "deploy/feedguard.service")
    }
    named = set(re.findall(r"\b(FEEDGUARD_[A-Z0-9_]+)\b", "\n".join(files.values())))
    assert named <= set(env.REGISTERED)
    commands = set(re.findall(r'"django-admin", "(\w+)"', "\n".join(files.values())))
    assert commands == {"web", "worker", "prepare", "healthy"}
    for command in commands:
        assert list((ROOT / "feedguard").glob(f"*/management/commands/{command}.py")), command


def test_the_deployment_check_is_clean(tmp_path: Path) -> None:
    own = {
        **{name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"},
        "FEEDGUARD_DATA": str(tmp_path),
        "FEEDGUARD_HTTPS": "yes",
        "FEEDGUARD_ALLOWED_HOSTS": "feeds.example",
    }
    own["FEEDGUARD_SECRET_KEY"] = "v9-Kd0q_" * 8
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT, env=own, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("url", ["mysql://host/name", "postgresql//host", "nonsense"])
def test_a_database_url_that_cannot_be_used_is_refused_by_its_setting(url: str, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="FEEDGUARD_DATABASE_URL"):
        default(url, tmp_path)


def test_a_wheel_holds_all_that_the_product_needs(tmp_path: Path) -> None:
    """Built, unpacked, and run from elsewhere, on the libraries of this environment."""
    built = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-q", "--disable-pip-version-check", "--no-deps", "-w", tmp_path, ROOT],
        capture_output=True, text=True,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    site, port, log = tmp_path / "site", free_port(), tmp_path / "log"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    assert not (site / "tests").exists()
    own = {name: value for name, value in os.environ.items() if not name.startswith(("FEEDGUARD_", "PYTHON"))}
    own |= {"PYTHONPATH": str(site), "XDG_DATA_HOME": str(tmp_path / "share")}
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "feedguard.launch", "--port", str(port), "--no-demo"],
            cwd=tmp_path, env=own, stdout=out, stderr=out, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    try:
        address = f"http://127.0.0.1:{port}"
        until(lambda: _answers(f"{address}/health"), 60, log.read_text)
        assert str(site) in _where(own, tmp_path)
        assert "Sign in" in httpx2.get(f"{address}/sign-in").text
        assert httpx2.get(f"{address}/static/style.css").status_code == 200
        assert (tmp_path / "share" / "feedguard" / "app.db").exists()
    finally:
        process.terminate()
        process.wait(20)


def _answers(address: str) -> bool:
    try:
        return httpx2.get(address).status_code == 200
    except httpx2.HTTPError:
        return False


def _where(environment: dict[str, str], folder: Path) -> str:
    code = "import feedguard; print(feedguard.__file__)"
    return subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True
    ).stdout


def test_the_printed_address_is_the_one_that_people_use() -> None:
    here = {"host": "0.0.0.0", "port": 8765}
    assert _address(https=False, names=(), **here) == "http://127.0.0.1:8765"
    assert _address(https=False, names=("feeds.example",), **here) == "http://127.0.0.1:8765"
    assert _address(https=True, names=("feeds.example", "10.0.0.5"), **here) == "https://feeds.example"
    assert _address(https=True, names=(), host="::1", port=80) == "http://[::1]:80"
