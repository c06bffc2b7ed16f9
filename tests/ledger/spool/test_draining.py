"""Taking a spool in: each event once, whatever happens in between, and every fault located."""

import base64
import json
import os
import shutil
import signal
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.core.management import call_command
from django.db import connection
from pytest_django.fixtures import Settings

from apps.common.clock import database_now
from apps.common.scope import scoped
from apps.ledger import checks, completeness
from apps.ledger.models import Event, Receipt
from apps.ledger.spool import draining, journal, key, minding, place, preparing
from apps.ledger.spool.lines import Header, chain, signed_bytes
from apps.ledger.verify import verify
from tests.ledger.kept_log import KeptLog
from tests.ledger.sequencing import KEYS, sequence_all
from tests.ledger.spool.conftest import ACT, Host, make_host
from tests.ledger.spool.unwritable import read_only


def test_every_event_once_and_the_file_goes_when_they_have_their_places(host: Host) -> None:
    host.keep(3)
    first = host.drain()
    assert (first.recorded, first.removed, first.waiting) == (3, 0, 1)
    assert host.file().suffix == place.CLOSED
    assert host.drain().recorded == 0
    sequence_all()
    assert host.drain().removed == 1
    assert place.files_of(host.tenant) == []
    assert host.numbers() == [1, 2, 3]
    assert host.alarms() == []
    assert host.drain() == draining.Drained()


def test_the_body_stays_byte_for_byte_and_says_when_why_and_who(host: Host) -> None:
    (kept,) = host.keep()
    said = json.loads(bytes(kept.body))
    host.settle()
    with scoped(tenant_id=host.tenant):
        event = Event.objects.get(id=kept.pk)
        assert bytes(event.body) == kept.body
        assert event.recorded_at > event.at
    assert said["spooled"]["why"] == "25006" and said["spooled"]["key"] == key.host_key().name


def test_the_ledger_alone_proves_which_key_signed(host: Host) -> None:
    """The file is gone; bodies and what the drain recorded suffice."""
    host.keep(4)
    host.settle()
    (end,) = host.told("ledger.spool.drained")
    with scoped(tenant_id=host.tenant):
        rows = list(Event.objects.filter(action=ACT).order_by("source_seq"))
        (known,) = Event.objects.filter(action=key.PREPARED)
    spool = rows[0].source_id
    assert spool
    header = Header(spool, host.tenant, end["key"], end["host"], end["opened_at"])
    head = header.start()
    for number, row in enumerate(rows, start=1):
        head = chain(head, number, bytes(row.body))
    assert head.hex() == end["head"] and known.target_id == end["key"]
    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(end["key"]))
    public.verify(base64.b64decode(end["signature"]), signed_bytes(head))


def test_an_export_says_in_words_what_came_by_a_spool(host: Host, tmp_path: Path) -> None:
    host.keep(2)
    host.settle()
    log = KeptLog(host.cast, KEYS, [])
    report = verify(log.export(tmp_path / "export"), keys=[log.vkey])
    assert report.code == 0
    assert any("2 entries came by a host's spool" in words for words in report.not_proved)


@pytest.mark.parametrize("step", ["_record_lines", "_are_placed", "_tell_drained", "_put_away"])
def test_a_crash_before_or_after_any_step_doubles_and_loses_nothing(
    host: Host, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    host.keep(3)
    if step in {"_tell_drained", "_put_away"}:
        host.drain()
        sequence_all()
    done = getattr(draining, step)

    def dies_before(*args: object, **named: object) -> None:
        raise KeyboardInterrupt

    def dies_after(*args: object, **named: object) -> None:
        done(*args, **named)
        raise KeyboardInterrupt

    for crash in (dies_before, dies_after):
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(draining, step, crash)
            host.drain()
    host.settle()
    assert host.numbers() == [1, 2, 3]
    assert (host.alarms(), len(host.told("ledger.spool.drained"))) == ([], 1)


def test_nothing_happens_while_the_ledger_still_takes_nothing(host: Host) -> None:
    host.keep(2)
    with read_only():
        assert host.drain() == draining.Drained(waiting=1)
    assert host.file().suffix == place.OPEN
    host.keep(1)
    assert len(host.file().read_bytes().splitlines()) == 4


def test_after_a_drain_the_process_begins_another_spool(host: Host) -> None:
    host.keep(2)
    host.drain()
    host.keep(1)
    assert len(place.files_of(host.tenant)) == 2
    host.settle()
    assert sorted(host.numbers()) == [1, 1, 2]


def _lines(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines(keepends=True)


def test_a_changed_line_is_located_and_the_others_are_recorded(host: Host) -> None:
    host.keep(4)
    file, lines = host.file(), _lines(host.file())
    lines[2] = lines[2].replace(b"acme", b"mace").replace(b'number\\":2', b'number\\":7')
    file.write_bytes(b"".join(lines))
    host.settle()
    assert host.numbers() == [1, 3, 4]
    assert host.alarms() == [(2, "wrong_signature")]
    assert (file.parent / place.KEPT).joinpath(file.with_suffix(place.CLOSED).name).exists()
    (alarm,) = host.told("ledger.source.gap")
    assert alarm["source"] == f"spool of {key.HOST}"


def test_a_removed_line_is_located(host: Host) -> None:
    host.keep(4)
    file, lines = host.file(), _lines(host.file())
    file.write_bytes(b"".join([*lines[:3], *lines[4:]]))
    host.settle()
    assert (host.numbers(), host.alarms()) == ([1, 2, 4], [(3, "missing")])


def test_swapped_files_are_told_and_their_events_recorded(host: Host) -> None:
    host.keep(1)
    host.drain()
    host.keep(2)
    first, second = place.files_of(host.tenant)
    beside = first.with_suffix(".beside")
    shutil.move(first, beside)
    shutil.move(second, first)
    shutil.move(beside, second)
    host.settle()
    assert sorted(host.numbers()) == [1, 1, 2]
    assert host.alarms() == [(0, "swapped"), (0, "swapped")]


def test_another_tenants_and_an_unknown_hosts_spools_stay_out(
    host: Host, settings: Settings, tmp_path: Path
) -> None:
    other = make_host(host.root)
    other.keep(1)
    shutil.copy(other.file(), place.room_of(host.tenant) / other.file().name)
    settings.LEDGER_SPOOL = str(tmp_path / "elsewhere")
    stranger = make_host(tmp_path / "elsewhere")
    stranger.keep(1)
    foreign = stranger.file()
    said = foreign.read_bytes().replace(str(stranger.tenant).encode(), str(host.tenant).encode())
    settings.LEDGER_SPOOL = str(host.root)
    (place.room_of(host.tenant) / foreign.name).write_bytes(said)
    host.settle()
    assert host.numbers() == []
    assert {reason for _, reason in host.alarms()} == {
        "another_tenant",
        "unknown_key",
        "wrong_signature",
    }


def test_a_spool_that_vanished_is_missed(host: Host) -> None:
    host.keep(2)
    host.file().unlink()
    assert host.drain().faults == 1
    assert host.alarms() == [(1, "vanished")]
    assert host.drain().faults == 0 and journal.entries(host.tenant) == []


def test_what_was_cut_off_is_missed_by_the_process_that_wrote_it(host: Host) -> None:
    host.keep(3)
    file, lines = host.file(), _lines(host.file())
    file.write_bytes(b"".join(lines[:-1]))
    minding.tell_vanished()
    host.settle()
    with scoped(tenant_id=host.tenant):
        completeness.tell_gaps(database_now())
    assert (host.numbers(), host.alarms()) == ([1, 2], [(3, "lost")])


def test_a_drained_spool_is_not_missed(host: Host) -> None:
    host.keep(3)
    host.settle()
    minding.tell_vanished()
    with scoped(tenant_id=host.tenant):
        completeness.tell_gaps(database_now())
        assert Receipt.objects.filter(name__startswith="spool").count() == 2
    assert host.alarms() == []


def test_a_writer_killed_in_the_middle_loses_nothing_that_was_let_on(host: Host) -> None:
    """The child tells each event's number once it may go on; then it is killed."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        _write_for_ever(host, writer)
    os.close(writer)
    told = b""
    while told.count(b"\n") < 20:
        told += os.read(reader, 4096)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while more := os.read(reader, 4096):
        told += more
    os.close(reader)
    with host.file().open("ab") as torn:
        torn.write(b'{"n":999,"prev":"')
    host.settle()
    count = told.count(b"\n")
    assert host.numbers()[:count] == [1] * count
    assert len(host.numbers()) in {count, count + 1}
    assert host.alarms() == []
    (end,) = host.told("ledger.spool.drained")
    assert end["torn_bytes"] == len(b'{"n":999,"prev":"')


def _write_for_ever(host: Host, pipe: int) -> None:
    connection.connection = None  # the parent's; this process opens one of its own
    try:
        while True:
            host.keep(1)
            os.write(pipe, b"kept\n")
    finally:
        os._exit(1)


def test_an_operator_prepares_looks_drains_and_shuts(
    host: Host, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(preparing, "all_tenants", lambda: [host.tenant])
    (host.root / key.FILE).unlink()
    call_command("ledger_spool", "--prepare")
    assert "told to 1 ledgers now" in capsys.readouterr().out
    host.keep(2)
    call_command("ledger_spool")
    assert f"{host.tenant}: 2 events since" in capsys.readouterr().out
    call_command("ledger_spool", "--shut")
    with pytest.raises(place.CannotSpool, match="shut"):
        host.keep(1)
    call_command("ledger_spool", "--reopen")
    host.keep(1)
    call_command("ledger_spool", "--drain")
    assert "3 events recorded" in capsys.readouterr().out


def test_every_process_of_a_host_minds_its_spool(
    host: Host, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setattr(preparing, "all_tenants", lambda: [host.tenant])
    host.keep(2)
    assert minding.mind_spool().recorded == 2
    sequence_all()
    assert minding.mind_spool().removed == 1
    host.root.chmod(0o755)
    assert minding.mind_spool() == draining.Drained()  # said in the log, and by a system check
    assert [problem.id for problem in checks.the_spool_is_private(None)] == ["ledger.E002"]
    settings.LEDGER_SPOOL = ""
    assert minding.mind_spool() == draining.Drained()


def test_a_tenant_that_spools_without_end_leaves_room_for_the_others(
    host: Host, settings: Settings
) -> None:
    settings.LEDGER_SPOOL_MAX_BYTES = 12_000
    with pytest.raises(place.CannotSpool, match="full"):
        host.keep(50)
    other = make_host(host.root)
    other.keep(2)
    assert host.settle().recorded > 2  # those that had room
    assert other.settle().recorded == 2
