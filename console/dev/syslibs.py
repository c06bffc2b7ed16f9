"""System libraries and programs without root: pango for PDFs, SoftHSM2, pdfsig and qpdf.

What the system has is used. On Debian and Ubuntu the rest is fetched by apt with private state and
unpacked into `.syslibs/`; elsewhere the reader is told what to install.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from console.dev import debian
from console.dev.paths import PROJECT

PACKAGES = {
    "pango": (
        "libpango-1.0-0",
        "libpangoft2-1.0-0",
        "libharfbuzz-subset0",
        "fontconfig-config",
        "fonts-dejavu-core",
    ),
    "softhsm2": ("softhsm2",),
    "pdfsig": ("poppler-utils",),
    "qpdf": ("qpdf",),
}
MODULES = (
    "usr/lib/softhsm/libsofthsm2.so",
    "usr/local/lib/softhsm/libsofthsm2.so",
    "opt/homebrew/lib/softhsm/libsofthsm2.so",
)
FONTS = ("/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts", "/System/Library/Fonts")
FONTS_CONFIGURATION = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>/usr/share/fonts</dir><dir>{fonts}</dir><cachedir>{cache}</cachedir></fontconfig>
"""


def ensure(
    *, say: Callable[[str], None], place: Path = PROJECT / ".syslibs", root: Path = Path("/")
) -> dict[str, str]:
    """What to add to the environment of child processes, after fetching what is missing.

    Never fatal: without pango no PDF can be made, and the console says so where one is asked for.
    """
    found = variables(place, root=root)
    missing = absent(found)
    if not missing:
        return found
    packages = [package for name in missing for package in PACKAGES[name]]
    if not debian.can_fetch():
        say(f"Not on this machine: {', '.join(missing)}. {_advice()}")
        return found
    say(f"Fetching {', '.join(missing)} into {place.name}/ (no root needed) ...")
    try:
        debian.fetch(packages, into=place)
    except subprocess.CalledProcessError as failure:
        words = (failure.output or "").strip().splitlines()[-3:]
        say(f"apt could not fetch {', '.join(missing)}: {' '.join(words)}")
    found = variables(place, root=root)
    missing = absent(found)
    if missing:
        names = " ".join(package for name in missing for package in PACKAGES[name])
        say(f"Still missing: {', '.join(missing)}. As root: apt-get install {names}")
    return found


def absent(found: Mapping[str, str]) -> list[str]:
    """Which of PACKAGES' keys a child with these variables would not find."""
    path = found.get("PATH", os.environ.get("PATH", ""))
    present = {
        "pango": _pdf_works(found),
        "softhsm2": "PKCS11_MODULE" in found and bool(shutil.which("softhsm2-util", path=path)),
        "pdfsig": bool(shutil.which("pdfsig", path=path)),
        "qpdf": bool(shutil.which("qpdf", path=path)),
    }
    return [name for name, here in present.items() if not here]


def variables(place: Path, *, root: Path = Path("/")) -> dict[str, str]:
    """Variables that let a child use what is unpacked in `place` beside what the system has."""
    unpacked = place / "root"
    found: dict[str, str] = {}
    module = _module(unpacked, root)
    if module is not None:
        found["PKCS11_MODULE"] = os.environ.get("PKCS11_MODULE", str(module))
    if not unpacked.exists():
        return found
    libraries = [str(path) for path in debian.library_directories(unpacked)]
    before = os.environ.get("LD_LIBRARY_PATH")
    found["LD_LIBRARY_PATH"] = ":".join([*libraries, *([before] if before else [])])
    found["PATH"] = f"{os.environ.get('PATH', os.defpath)}:{unpacked / 'usr/bin'}"
    if not Path("/etc/fonts/fonts.conf").exists():
        configuration = place / "fonts.conf"
        configuration.write_text(
            FONTS_CONFIGURATION.format(fonts=unpacked / "usr/share/fonts", cache=place / "fonts")
        )
        found["FONTCONFIG_FILE"] = str(configuration)
    return found


def _module(unpacked: Path, root: Path) -> Path | None:
    choices = [base / name for base in (root, unpacked) for name in MODULES]
    return next((path for path in choices if path.exists()), None)


def _pdf_works(found: Mapping[str, str]) -> bool:
    """Whether WeasyPrint loads and there is a font to write with."""
    own = [str(Path(found["FONTCONFIG_FILE"]).parent)] if "FONTCONFIG_FILE" in found else []
    if not any(any(Path(place).glob("**/*.[to]t[fc]")) for place in (*FONTS, *own)):
        return False
    command = [sys.executable, "-c", "import weasyprint"]
    env = {**os.environ, **found}
    result = subprocess.run(command, env=env, check=False, capture_output=True, cwd=PROJECT)
    return result.returncode == 0


def _advice() -> str:
    if sys.platform == "darwin":
        return "Install them: brew install pango softhsm poppler qpdf"
    return "Install pango, SoftHSM2, poppler's tools and qpdf with your system's package manager."
