"""Zips of made-up metadata, and scans of them run as the worker runs them."""

import io
import zipfile
from collections.abc import Mapping

from apps.common.clock import database_now
from apps.crm.models import Connection
from apps.posture import tasks
from apps.posture.models import Scan
from apps.posture.scans import services
from tests.cast import Cast

CALLS_OPENAI = """public with sharing class Ask {
    void go() {
        HttpRequest asked = new HttpRequest();
        asked.setEndpoint('https://api.openai.com/v1/chat/completions');
    }
}
"""
QUIET = "public with sharing class Quiet { Integer one() { return 1; } }\n"
KEY = "sk-proj-" + "Zk3vQ9xLw2Rt7Bn5Yp8Hd4Jc6Mf1Ga0S"
HOLDS_KEY = f"public class Keyed {{ String apiKey = '{KEY}'; }}\n"
BAD_XML = "<NamedCredential><endpoint>https://a.example.de</endpoint>"


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """A zip that holds these files."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return made.getvalue()


def classes(**texts: str) -> bytes:
    """A zip of Apex classes in source format."""
    return zipped(
        {f"force-app/main/default/classes/{name}.cls": text for name, text in texts.items()}
    )


def ask(
    cast: Cast,
    data: bytes,
    *,
    connection: Connection | None = None,
    covers_all: bool = False,
    name: str = "metadata.zip",
) -> Scan:
    """Alice's upload, not scanned yet."""
    with cast.at_acme("alice") as alice:
        return services.scan_upload(
            actor=alice,
            name=name,
            data=data,
            connection_id=connection.pk if connection else None,
            covers_all=covers_all,
            now=database_now(),
        )


def run(cast: Cast, scan: Scan) -> Scan:
    """Let the worker's task run, and read what became of it."""
    tasks.run_scan(tenant_id=str(cast.acme.pk), scan_id=str(scan.pk))
    with cast.at_acme():
        found: Scan = Scan.objects.get(pk=scan.pk)
        return found
