"""The form of a backup: one tar file, gzipped, that begins with manifest.json.

The manifest names every other file with its size and SHA-256, the FeedGuard that wrote it, and the form of the data
folder. Files: app.db, graph.db, secret_key, version, pictures/<sha256>.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import re
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from pydantic import BaseModel, ValidationError

FORM = 1
MANIFEST = "manifest.json"
DATABASES = ("app.db", "graph.db")
NEEDED = {*DATABASES, "secret_key", "version"}
_NAME = re.compile(r"app\.db|graph\.db|secret_key|version|pictures/[0-9a-f]{64}")
MAX_MANIFEST = 64 * 1024 * 1024
BLOCK = 1 << 20


class ArchiveBroken(Exception):
    """This is no whole backup; the message says what is wrong with it."""

    permanent = True


class FileEntry(BaseModel):
    size: int
    sha256: str


class Manifest(BaseModel):
    form: int
    feedguard: str
    data_version: int
    created_at: dt.datetime
    files: dict[str, FileEntry]


def digest_of(path: Path) -> FileEntry:
    with path.open("rb") as file:
        return FileEntry(size=path.stat().st_size, sha256=hashlib.file_digest(file, "sha256").hexdigest())


def write(target: Path, manifest: Manifest, files: Mapping[str, Path]) -> None:
    """Write the archive; only its owner may read it."""
    with target.open("xb") as out:
        target.chmod(0o600)
        with tarfile.open(fileobj=out, mode="w:gz", compresslevel=6) as tar:
            head = manifest.model_dump_json(indent=1).encode()
            info = tarfile.TarInfo(MANIFEST)
            info.size = len(head)
            tar.addfile(info, io.BytesIO(head))
            for name, path in files.items():
                with path.open("rb") as file:
                    info = tarfile.TarInfo(name)
                    info.size = manifest.files[name].size
                    tar.addfile(info, file)


def read(path: Path, into: Path | None = None) -> Manifest:
    """Read an archive to its end and compare every size and hash; with `into`, write its files there.

    Raises ArchiveBroken. What was written before that is for the caller to remove.
    """
    try:
        with tarfile.open(path, mode="r:gz") as tar:
            return _read(tar, into)
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise ArchiveBroken(f"{path} cannot be read ({error.strerror}).") from None
        raise ArchiveBroken(f"{path} is no whole backup ({error}).") from None


def _read(tar: tarfile.TarFile, into: Path | None) -> Manifest:
    first = tar.next()
    if first is None or first.name != MANIFEST or not first.isreg() or first.size > MAX_MANIFEST:
        raise ArchiveBroken("This is no backup of FeedGuard: it does not begin with manifest.json.")
    manifest = _manifest(_open(tar, first).read())
    left = dict(manifest.files)
    while (member := tar.next()) is not None:
        wanted = left.pop(member.name, None)
        if wanted is None or not member.isreg() or member.size != wanted.size:
            raise ArchiveBroken(f"The backup holds {member.name!r}, which its manifest does not name so.")
        if _copy(_open(tar, member), into / member.name if into else None) != wanted.sha256:
            raise ArchiveBroken(f"{member.name} in the backup is not what was written to it (its hash differs).")
    if left:
        raise ArchiveBroken(f"The backup ends too early: {len(left)} files are missing, such as {min(left)}.")
    return manifest


def _manifest(raw: bytes) -> Manifest:
    try:
        manifest = Manifest.model_validate_json(raw)
    except ValidationError:
        raise ArchiveBroken("The backup's manifest cannot be read.") from None
    if manifest.form > FORM:
        raise ArchiveBroken(f"The backup is of a newer form ({manifest.form}). Update FeedGuard.")
    odd = [name for name in manifest.files if not _NAME.fullmatch(name)]
    if odd or not set(manifest.files) >= NEEDED:
        raise ArchiveBroken(
            "The backup's manifest names files that are none of FeedGuard's, or lacks one that it needs."
        )
    return manifest


def _open(tar: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    file = tar.extractfile(member)
    if file is None:
        raise ArchiveBroken(f"{member.name} in the backup cannot be read.")
    return file


def _copy(file: IO[bytes], target: Path | None) -> str:
    digest = hashlib.sha256()
    if target is not None:
        target.parent.mkdir(mode=0o700, exist_ok=True)
    out = target.open("xb") if target else io.BytesIO()
    with out:
        while block := file.read(BLOCK):
            digest.update(block)
            if target is not None:
                out.write(block)
    if target is not None:
        target.chmod(0o600)
    return digest.hexdigest()
