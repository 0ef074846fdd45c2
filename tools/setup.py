#!/usr/bin/env python3
"""Set up `.venv` in the project folder: `setup.py [EXTRA ...]`. Needs Python 3.11+ and nothing else.

Installs the pinned base dependencies (and those of the extras named), once for each state of the pins.
Written so that also an old Python can read it far enough to say that it is too old.
"""

import hashlib
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
STAMP = os.path.join(VENV, "feedguard-installed")


def find_python():
    """The newest usable interpreter: the running one, or another on the path."""
    if sys.version_info >= (3, 11):
        return sys.executable
    for name in ("python3.14", "python3.13", "python3.12", "python3.11"):
        for folder in os.environ.get("PATH", "").split(os.pathsep):
            path = os.path.join(folder, name)
            if os.access(path, os.X_OK) and subprocess.call([path, "-c", ""], stderr=subprocess.DEVNULL) == 0:
                return path
    sys.exit(
        "FeedGuard needs Python 3.11 or newer; this is %d.%d. Install a newer one (python.org, your package "
        "manager) and run this again." % sys.version_info[:2]
    )


def wanted_stamp(extras):
    digest = hashlib.sha256()
    for name in ("pyproject.toml", "constraints.txt"):
        with open(os.path.join(ROOT, name), "rb") as file:
            digest.update(file.read())
    return "%s %s" % (digest.hexdigest(), " ".join(sorted(extras)))


def installed_extras():
    """The extras of the last set-up, where the pins are still the same; else None."""
    if not (os.path.exists(STAMP) and os.path.exists(PYTHON)):
        return None
    with open(STAMP) as file:
        digest, _, extras = file.read().strip().partition(" ")
    return set(extras.split()) if digest == wanted_stamp([]).split()[0] else None


def run(command, trouble):
    if subprocess.call(command) != 0:
        sys.exit(trouble)


def main(extras):
    have = installed_extras()
    if have is not None and set(extras) <= have:
        return
    extras = sorted(set(extras) | (have or set()))
    python = find_python()
    if not os.path.exists(PYTHON):
        print("Making .venv with %s ..." % python, flush=True)
        run(
            [python, "-m", "venv", VENV],
            "Python could not make a virtual environment. On Debian and Ubuntu: apt install python3-venv.",
        )
    print("Installing FeedGuard's dependencies into .venv (a minute or two the first time) ...", flush=True)
    target = "." if not extras else ".[%s]" % ",".join(extras)
    run(
        [
            PYTHON,
            "-m",
            "pip",
            "install",
            "--disable-pip-version-check",
            "--progress-bar",
            "on",
            "-q",
            "-c",
            os.path.join(ROOT, "constraints.txt"),
            "-e",
            os.path.join(ROOT, target),
        ],
        "The dependencies could not be installed. Look at pip's message above; run this again to go on.",
    )
    with open(STAMP, "w") as file:
        file.write(wanted_stamp(extras))


if __name__ == "__main__":
    os.chdir(ROOT)
    main(sys.argv[1:])
