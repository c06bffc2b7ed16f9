"""Making a pack survives its worker's death, leaves nothing out in silence, repeats exactly."""

import hashlib
import json
import os
import struct
import subprocess
import sys
import zlib
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings
from PIL import Image

from apps.common.clock import database_now
from apps.crm.models import Connection
from apps.evidence import files, keys, making, services, tasks
from apps.evidence.models import Branding, Pack
from apps.evidence.purposes import break_glass, period
from apps.evidence.purposes.purpose import Part
from apps.evidence.sections.brief import Brief
from apps.evidence.verify.attachments import take_out
from apps.evidence.verify.document import open_document
from apps.evidence.verify.report import Exit
from apps.evidence.verify.run import verify
from apps.ledger.models import Event
from tests.cast import Cast
from tests.reviews import made_up as reviewed

pytestmark = pytest.mark.usefixtures("own_data")
PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pki")


@pytest.fixture
def own_data(tmp_path: Path, authority: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "VAR", tmp_path)
    monkeypatch.setattr(settings, "EVIDENCE_WAIT_S", 0.0)
    monkeypatch.setattr(keys, "authority_directory", lambda: authority)


@pytest.fixture
def asked(cast: Cast) -> Pack:
    with cast.at_acme("otto") as otto:
        today = database_now().date()
        return services.request_pack(
            actor=otto, title="Audit", first=today - timedelta(days=1), last=today,
            now=database_now(),
        )  # fmt: skip


class WorkerKilled(BaseException):
    """Ends a worker in the middle of its work."""


def die_at(word: str) -> making.Say:
    def say(step: str, done: int) -> None:
        if word in step:
            raise WorkerKilled

    return say


def inside(cast: Cast, pack: Pack) -> dict[str, bytes]:
    """The attached files of a finished pack."""
    with cast.at_acme("otto"):
        pdf = files.fetch(pack.pk)
    return take_out(open_document(pdf)[1])[1].files


def build(cast: Cast, pack: Pack) -> Pack:
    tasks.build(tenant_id=str(cast.acme.pk), pack_id=str(pack.pk))
    with cast.at_acme("otto"):
        pack.refresh_from_db()
    assert pack.state == Pack.State.READY, pack.trouble
    return pack


@pytest.mark.parametrize("step", ["Drawing", "Sealing"])
def test_a_killed_workers_steps_are_not_done_again(
    cast: Cast, asked: Pack, tmp_path: Path, step: str
) -> None:
    with cast.at_acme("otto"):
        org = reviewed.make_connection(name="Before the crash")
        now = database_now()
        services.begin_building(pack_id=asked.pk, now=now)
    with pytest.raises(WorkerKilled):
        making.make(tenant_id=cast.acme.pk, pack_id=asked.pk, now=now, say=die_at(step))
    assert list(tmp_path.rglob("section-orgs.sealed"))
    with cast.at_acme("otto"):
        Connection.objects.filter(pk=org.pk).update(name="After the crash")
    summary = inside(cast, build(cast, asked))["summary.json"]
    assert b"Before the crash" in summary
    assert b"After the crash" not in summary
    assert asked.began_at == now
    assert not list(tmp_path.rglob("*.steps"))


def test_what_is_kept_on_the_way_rests_sealed(cast: Cast, asked: Pack, tmp_path: Path) -> None:
    with cast.at_acme("otto"):
        now = database_now()
        services.begin_building(pack_id=asked.pk, now=now)
    with pytest.raises(WorkerKilled):
        making.make(tenant_id=cast.acme.pk, pack_id=asked.pk, now=now, say=die_at("Sealing"))
    kept = list(tmp_path.rglob("*.steps/*.sealed"))
    assert len(kept) > 3
    assert not any(b"%PDF" in file.read_bytes() or b"tenant" in file.read_bytes() for file in kept)


def test_a_part_that_cannot_be_read_is_said_inside_the_pack(
    cast: Cast, asked: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(brief: Brief) -> Iterator[None]:
        Event.objects.raw("select nothing from nowhere")[0]
        raise AssertionError("unreachable")

    parts = (Part("orgs", broken, "orgs.heading"), *period.PURPOSE.parts[1:])  # type: ignore[arg-type]
    monkeypatch.setattr("apps.evidence.collect.purpose_for", _with_parts(parts))
    made = inside(cast, build(cast, asked))
    sections = json.loads(made["summary.json"])["sections"]
    assert sections[0]["result"] == "unknown"
    assert "could not be read: ProgrammingError" in sections[0]["summary"]
    assert len(sections) == len(period.PURPOSE.parts)


def _with_parts(parts: tuple[Part, ...]) -> object:
    from dataclasses import replace

    return lambda pack: replace(period.PURPOSE, parts=parts)


def test_events_without_a_position_are_said_to_be_so(cast: Cast, asked: Pack) -> None:
    made = inside(cast, build(cast, asked))
    gaps = json.loads(made["summary.json"])["not_included"]
    assert any("ledger positions" in gap["what"] for gap in gaps)
    with cast.at_acme("otto"):
        report = verify(files.fetch(asked.pk))
    assert report.exit_code == Exit.GOOD
    assert any("brings no proof" in line for line in report.not_proved)


def test_a_german_pack_speaks_german(cast: Cast) -> None:
    with cast.at_acme("otto") as otto:
        today = database_now().date()
        pack = services.request_pack(
            actor=otto, title="Prüfung", first=today, last=today, language="de",
            purpose="processing-record", now=database_now(),
        )  # fmt: skip
    told = json.loads(inside(cast, build(cast, pack))["summary.json"])
    assert told["language"] == "de"
    assert told["purpose"].startswith("Verzeichnis von Verarbeitungstätigkeiten")
    assert [s["heading"] for s in told["sections"]][:2] == [
        "Verantwortlicher und Vertreter", "Verarbeitungstätigkeiten",
    ]  # fmt: skip
    assert not any("nicht gelesen werden" in s["summary"] for s in told["sections"])
    assert told["result"] == "unknown"  # nobody recorded a data protection officer


def test_the_same_inputs_give_the_same_bytes_in_two_processes() -> None:
    code = (
        "import hashlib\n"
        "from apps.evidence.pack.build import build_unsigned\n"
        "from apps.evidence.pack.manifest import KeyInMemory\n"
        "from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey as Key\n"
        "from tests.evidence import made_up, signed_log\n"
        "key = KeyInMemory(Key.from_private_bytes(bytes(range(32))))\n"
        "pdf = build_unsigned(made_up.content(language='de'), signer=key, seal_root='ab' * 32,\n"
        "    annexes=signed_log.annexes(50, [(3, 9), (20, 30)]),\n"
        "    events=signed_log.bodies([(3, 9), (20, 30)]))\n"
        "print(hashlib.sha256(pdf).hexdigest())\n"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(found) == 1
    assert len(found.pop().strip()) == hashlib.sha256().digest_size * 2


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"purpose": "weather"}, "purpose"),
        ({"purpose": "break-glass"}, "subject"),
        ({"purpose": "break-glass", "subject": "00000000-0000-4000-8000-000000000000"},
         "subject"),
        ({"language": "fr"}, "language"),
        ({"first": None}, "first"),
    ],
)  # fmt: skip
def test_bad_wishes_name_the_field(cast: Cast, changed: dict[str, str], field: str) -> None:
    today = str(database_now().date())
    wish = {"title": "Audit", "first": today, "last": today, **changed}
    answer = cast.client("otto").post(
        "/api/v1/packs/", {k: v for k, v in wish.items() if v is not None},
        content_type="application/json",
    )  # fmt: skip
    assert answer.status_code == 400
    assert field.split("_", maxsplit=1)[0] in answer.content.decode()
    with cast.at_acme():
        assert not Pack.objects.exists()


def logo(size: tuple[int, int] = (300, 80)) -> bytes:
    out = BytesIO()
    Image.new("RGBA", size, "#123a6b80").save(out, "PNG", pnginfo=None)
    return out.getvalue() + b"<script>rides along</script>"


def said_to_be(width: int, height: int) -> bytes:
    """A PNG whose header speaks of more pixels than any memory holds."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))
    return b"\x89PNG\r\n\x1a\n" + chunk


def test_a_logo_is_drawn_anew_and_stands_on_the_cover(cast: Cast, asked: Pack) -> None:
    client = cast.client("otto")
    answer = client.post("/packs/look/", {"language": "de", "logo": BytesIO(logo())})
    assert answer.status_code == 302, answer.content
    with cast.at_acme("otto"):
        stored = bytes(Branding.objects.get().logo)
        assert stored.startswith(b"\x89PNG")
        assert b"rides along" not in stored
        assert Event.objects.filter(action="evidence.look.changed").count() == 1
    told = json.loads(inside(cast, build(cast, asked))["summary.json"])
    assert told["logo"] == hashlib.sha256(stored).hexdigest()


@pytest.mark.parametrize(
    "uploaded",
    [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a", b"\x89PNG\r\n\x1a\n" + b"x" * 99,
     logo((5000, 10)), b"x" * 600_000, said_to_be(60_000, 60_000)],
)  # fmt: skip
def test_what_is_no_small_png_changes_nothing(cast: Cast, uploaded: bytes) -> None:
    answer = cast.client("otto").post("/packs/look/", {"language": "de", "logo": BytesIO(uploaded)})
    assert answer.status_code == 422
    with cast.at_acme("otto"):
        assert not Branding.objects.exists()


def test_only_who_may_export_changes_the_look(cast: Cast) -> None:
    assert cast.client("bob").post("/packs/look/", {"language": "de"}).status_code == 403


def test_a_draft_is_no_subject(cast: Cast) -> None:
    with cast.at_acme("otto"):
        assert break_glass.PURPOSE.subjects is not None
        assert break_glass.PURPOSE.subjects() == []
