"""A whole scan: every file to its reader, then what only the whole can tell."""

from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from pathlib import Path, PurePosixPath

from .apex.read import read_apex
from .context import Context
from .effort import NotFullyRead, one_file
from .findings import Place, Report
from .forms import read_forms
from .javascript import read_javascript
from .markup import read_markup
from .metadata.read import FOLDERS, SUFFIXES, read_metadata
from .sources import CannotRead, SourceFile, read_source, read_zip

Reader = Callable[[str, bytes, Context], None]
_CODE: dict[str, Reader] = {
    ".cls": read_apex,
    ".trigger": read_apex,
    ".js": read_javascript,
    ".page": read_markup,
    ".component": read_markup,
    ".cmp": read_markup,
    ".app": read_markup,
    ".html": read_markup,
}
# Other .js and .html belong to tools, and other .app are applications in metadata format.
_BUNDLES = frozenset({"lwc", "aura", "staticresources"})
_IN_BUNDLES = frozenset({".js", ".html", ".app"})
_META = "-meta.xml"
MOST_OF_A_FILE = 1_000  # findings and addresses that are kept of one file
_ZIP = b"PK\x03\x04"

__all__ = ["CannotRead", "scan"]


def scan(path: Path, *, gateways: Iterable[str] = ()) -> Report:
    """Scan a folder or a zip of metadata. Raises `CannotRead` when there is nothing to scan."""
    return scan_files(read_source(path), gateways=gateways)


def scan_files(files: Iterable[SourceFile], *, gateways: Iterable[str] = ()) -> Report:
    """Scan files from anywhere, in order. A file that cannot be read is reported, not skipped."""
    context = Context(gateways=frozenset(host.lower() for host in gateways))
    for file in _with_resources(files):
        reader = reader_for(file.path)
        if reader is None:
            continue
        context.report.files += 1
        if file.data is None:
            context.report.could_not_read(file.path, file.trouble)
        else:
            _read(reader, file.path, file.data, context)
    _resolve_callouts(context)
    _resolve_handed(context)
    context.report.findings.sort(key=lambda found: (found.place, found.rule_id, found.message))
    context.report.addresses.sort(key=lambda address: (address.host, address.place))
    return context.report


def _read(reader: Reader, path: str, data: bytes, context: Context) -> None:
    before = len(context.report.findings), len(context.report.addresses)
    try:
        with one_file():
            reader(path, data, context)
    except (RecursionError, NotFullyRead) as failure:
        why = str(failure) if isinstance(failure, NotFullyRead) else "it nests too deeply"
        said = f"{why}: only addresses and secrets of known form were looked for"
        context.report.could_not_read(path, said)
        read_forms(path, data, context, source=PurePosixPath(path).name)
    _keep_to_most(path, context.report, *before)


def _keep_to_most(path: str, report: Report, findings: int, addresses: int) -> None:
    """A file that repeats itself for ever is told of, not copied out."""
    if len(report.findings) - findings > MOST_OF_A_FILE:
        del report.findings[findings + MOST_OF_A_FILE :]
        said = f"it holds more than {MOST_OF_A_FILE:,} findings: the rest are left out"
        report.could_not_read(path, said)
    if len(report.addresses) - addresses > MOST_OF_A_FILE:
        del report.addresses[addresses + MOST_OF_A_FILE :]
        said = f"it holds more than {MOST_OF_A_FILE:,} addresses: the rest are left out"
        report.could_not_read(path, said)


def _with_resources(files: Iterable[SourceFile]) -> Iterator[SourceFile]:
    """Files, and after a static resource that is a zip the files inside it (one level)."""
    for file in files:
        yield file
        if file.path.endswith(".resource") and (file.data or b"").startswith(_ZIP):
            try:
                for inner in read_zip(BytesIO(file.data or b"")):
                    path = f"{file.path}/{inner.path}"
                    yield SourceFile(path, inner.data, inner.trouble)
            except CannotRead as failure:
                yield SourceFile(f"{file.path}/content.js", None, str(failure))


def reader_for(path: str) -> Reader | None:
    """The reader of a file by its name, or None for what the scan does not look at."""
    name = PurePosixPath(path).name
    if name.endswith(_META):
        name = name.removesuffix(_META)
        suffix = name.rpartition(".")[2]
        return read_metadata if suffix in SUFFIXES else None
    kind = PurePosixPath(name).suffix
    if kind in _IN_BUNDLES and not _BUNDLES.intersection(PurePosixPath(path).parts):
        return None
    if kind in _CODE:
        return _CODE[kind]
    suffix = kind.lstrip(".")
    folder = FOLDERS.get(suffix, "")
    if folder and folder not in PurePosixPath(path).parts:
        return None
    return read_metadata if suffix in SUFFIXES else None


def _resolve_callouts(context: Context) -> None:
    """A callout by name goes where its credential says; one that is not here is unknown."""
    seen: set[tuple[Place, str]] = set()
    for place, name in context.callouts:
        if (place, name) in seen:
            continue
        seen.add((place, name))
        credential = context.services.get(name.lower(), name.lower())
        if credential not in context.credentials:
            how = f"the credential `{name}`, which is not part of this scan"
            if not name:
                how = "a credential whose name is put together while it runs"
            context.calls_unknown(place, source=PurePosixPath(place.path).name, how=how)


def _resolve_handed(context: Context) -> None:
    """Records that were handed to another class are sent out when that class makes requests."""
    for place, said, receivers in context.handed:
        if receivers & context.callers:
            context.report.add("full-record", place, said)
