"""The folder that holds everything of this installation: databases, secrets, pictures.

Made with mode 0700 on first start. `version` tells its form; a folder of a newer form is refused, because
an older program would not know how to keep it whole.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from feedguard import DATA_VERSION


class DataFolderError(Exception):
    """The data folder cannot be used; the message says what to do."""


def open_data_folder(folder: Path) -> bool:
    """Make the folder ready and say whether it was new.

    Raises DataFolderError where it cannot be written or was written by a newer version.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        (folder / "pictures").mkdir(mode=0o700, exist_ok=True)
        version_file = folder / "version"
        new = not version_file.exists()
        if new:
            version_file.write_text(f"{DATA_VERSION}\n")
        _make_secret_key(folder)
    except OSError as error:
        raise DataFolderError(
            f"The data folder {folder} cannot be written ({error.strerror}). "
            "Choose another with --data PATH, or mend its permissions."
        ) from None
    _check_version(version_file)
    return new


def _check_version(version_file: Path) -> None:
    raw = version_file.read_text().strip()
    if not raw.isdigit():
        raise DataFolderError(f"{version_file} does not hold a version number. Restore it from a backup.")
    if int(raw) > DATA_VERSION:
        raise DataFolderError(
            f"The data folder {version_file.parent} is of a newer FeedGuard (form {raw}, this one knows "
            f"{DATA_VERSION}). Update FeedGuard, or choose another folder with --data PATH."
        )


def _make_secret_key(folder: Path) -> None:
    path = folder / "secret_key"
    if path.exists():
        return
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(50))


def read_secret_key(folder: Path) -> str:
    """The secret key of this installation; a passing random one where there is no data folder yet."""
    path = folder / "secret_key"
    return path.read_text() if path.exists() else secrets.token_urlsafe(50)
