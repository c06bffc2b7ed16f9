"""What is looked for on the machine, and the sentences for what is in the way."""

import json
import socket
import stat
import sys
import time
from pathlib import Path

import pytest

from console.dev import (
    binaries,
    bootstrap,
    child,
    debian,
    environment,
    ports,
    processes,
    steps,
    syslibs,
)
from console.dev.measurements import table
from console.dev.paths import PROJECT
from console.dev.roles import Logins
from console.dev.secret_files import kept_secret
from console.dev.servers import Addresses
from console.dev.trouble import Trouble


def programs(directory: Path) -> Path:
    directory.mkdir(parents=True)
    for name in ("initdb", "postgres"):
        (directory / name).touch(mode=0o755)
    return directory


def test_a_busy_port_is_named_with_the_variable_that_moves_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]

        with pytest.raises(
            Trouble, match=f"Port {port}, wanted for the web console, is busy"
        ) as it:
            ports.require_free([("the web console", "PORT", port)])

    assert "PORT=" in str(it.value)


@pytest.mark.parametrize("given", ["eighty", "0", "70000", "-1"])
def test_a_port_that_is_none_is_refused(given: str) -> None:
    with pytest.raises(Trouble, match=f"PORT={given} is not a port"):
        ports.wanted("PORT", 8000, {"PORT": given})


def test_an_unset_port_is_the_usual_one() -> None:
    assert ports.wanted("PORT", 8000, {}) == 8000
    assert len(set(ports.free_ports(5))) == 5


def test_pg_bin_decides(tmp_path: Path) -> None:
    directory = programs(tmp_path / "mine")

    assert binaries.postgres_bin({"PG_BIN": str(directory)}) == directory
    with pytest.raises(Trouble, match="holds no initdb"):
        binaries.postgres_bin({"PG_BIN": str(tmp_path)})


def test_without_a_wheel_path_comes_first_then_debians_newest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binaries, "package_directory", lambda name: None)
    programs(tmp_path / "debian/9/bin")
    newest = programs(tmp_path / "debian/16/bin")
    on_path = programs(tmp_path / "path")
    debian_only = {"PATH": "/nowhere"}

    assert binaries.postgres_bin({"PATH": str(on_path)}, debian=tmp_path / "debian") == on_path
    assert binaries.postgres_bin(debian_only, debian=tmp_path / "debian") == newest
    with pytest.raises(Trouble, match="set DATABASE_URL, or PG_BIN"):
        binaries.postgres_bin(debian_only, debian=tmp_path / "none")


def test_children_get_the_serving_role_and_only_commands_as_owner_change_the_schema(
    tmp_path: Path,
) -> None:
    logins = Logins("postgresql://console_app:a@/b?host=/r", "postgresql://console_owner:o@/b")
    env = environment.for_children(
        Addresses(logins, "unix:///r/valkey.sock"),
        data=tmp_path,
        libraries={"PKCS11_MODULE": "/m.so"},
        environ={"HOME": "/h", "DATABASE_URL": "postgresql://admin:x@/b"},
    )

    assert env["DATABASE_URL"] == logins.app
    assert env["DATABASE_APP_ROLE"] == "console_app"
    assert (env["HOME"], env["TZ"], env["PKCS11_MODULE"]) == ("/h", "UTC", "/m.so")
    assert env["BAILIWICK_KEYRING"] == str(tmp_path / "keyring.json")
    assert "BAILIWICK_ROLE" not in env
    assert environment.as_owner(env)["BAILIWICK_ROLE"] == "owner"


def test_a_secret_is_made_once_and_read_only_by_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "secret_key"

    secret = kept_secret(path)

    assert len(secret) >= 50
    assert kept_secret(path) == secret
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_an_old_python_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))

    assert "Python 3.11 or newer is needed" in str(bootstrap.problem_here("requirements.txt"))


def test_a_full_disk_is_told_before_the_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "FREE_BYTES", {"requirements.txt": 2**60})

    assert "The disk is too full" in str(bootstrap.problem_here("requirements.txt"))


def test_a_python_without_venv_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)

    assert "apt-get install python3-venv" in str(bootstrap.problem_here("requirements.txt"))


def test_the_locks_name_no_place_on_a_machine() -> None:
    for lock in PROJECT.glob("requirements*.txt"):
        text = lock.read_text()
        assert "--hash=sha256:" in text
        assert "file:" not in text
        assert " /" not in text, f"{lock.name} names a path: run make lock"


def test_a_child_that_dies_is_named_with_the_end_of_its_log(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "print('the reason'); raise SystemExit(3)"]
    process = child.start("worker", command, env={}, log=tmp_path / "worker.log")

    with pytest.raises(Trouble, match=r"worker ended with code 3; .*\nthe reason"):
        process.wait_until(lambda: False, seconds=20)
    process.end()


def test_ending_a_child_ends_its_whole_group(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    grandchild = "while true; do echo beat; sleep 0.05; done"
    process = child.start("web", ["sh", "-c", f"({grandchild}) & wait"], env={}, log=log)
    process.wait_until(lambda: "beat" in log.read_text(), seconds=20)

    process.end()

    silent_from = log.stat().st_size
    time.sleep(0.5)
    assert log.stat().st_size == silent_from


def test_a_failed_step_shows_what_it_said(capsys: pytest.CaptureFixture[str]) -> None:
    good = steps.Step("good", (sys.executable, "-c", "print('quiet')"))
    bad = steps.Step("bad", (sys.executable, "-c", "print('loud'); raise SystemExit(1)"))

    failures = steps.run_all([good, bad], {})

    lines = capsys.readouterr().out
    assert failures == 1
    assert "quiet" not in lines
    assert "FAILED\nloud" in lines


def test_a_step_beside_others_is_waited_for_or_stopped(capsys: pytest.CaptureFixture[str]) -> None:
    good = steps.Step("good", (sys.executable, "-c", "print('quiet')"))
    endless = steps.Step("endless", (sys.executable, "-c", "import time; time.sleep(60)"))

    with steps.beside(good, {}) as passed, steps.beside(endless, {}):
        assert passed()

    assert capsys.readouterr().out.endswith(" s  ok\n")


def test_unpacked_libraries_reach_child_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PKCS11_MODULE", raising=False)
    libraries = tmp_path / "root/usr/lib/x86_64-linux-gnu"
    libraries.mkdir(parents=True)
    (libraries / "libpango-1.0.so.0").touch()
    module = tmp_path / "root/usr/lib/softhsm/libsofthsm2.so"
    module.parent.mkdir()
    module.touch()

    found = syslibs.variables(tmp_path, root=tmp_path / "bare")

    assert found["LD_LIBRARY_PATH"].split(":")[0] == str(libraries)
    assert found["PKCS11_MODULE"] == str(module)
    assert found["PATH"].endswith(str(tmp_path / "root/usr/bin"))


def test_apts_plan_is_read_by_package() -> None:
    plan = "NOTE: simulation\nInst libfoo1 (1.0 Debian:12 [amd64])\nConf libfoo1 (1.0)\n"

    assert debian.NAME.findall(plan) == ["libfoo1"]


def test_the_bench_table_says_when_nothing_was_measured(tmp_path: Path) -> None:
    assert table(tmp_path / "bench.json") == "No measurement was recorded."
    (tmp_path / "bench.json").write_text(
        '[{"area": "ledger", "name": "append", "value": 1234.5, "unit": "/s", "peer": null,'
        ' "ratio": null}]'
    )
    assert table(tmp_path / "bench.json").splitlines()[1].split() == [
        "ledger", "append", "1,234", "/s", "-", "-"
    ]  # fmt: skip


def test_the_console_trusts_the_orgs_and_models_exactly(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("CERTIFICATE\n")
    described = tmp_path / "acme.json"
    described.write_text(
        json.dumps(
            {
                "url": "https://localhost:8101",
                "ca": str(tmp_path / "ca.pem"),
                "llm_urls": ["https://localhost:8111", "https://localhost:8112"],
            }
        )
    )
    idle = child.start("acme", [sys.executable, "-c", ""], env={}, log=tmp_path / "acme.log")

    env = processes.trust([processes.Org(idle, described)], data=tmp_path)

    idle.end()
    assert Path(env["BAILIWICK_EXTRA_CA"]).read_text() == "CERTIFICATE\n"
    assert env["BAILIWICK_EXTRA_ORG_HOSTS"] == "localhost:8101"
    assert env["BAILIWICK_EXTRA_ENDPOINT_HOSTS"] == "localhost:8111,localhost:8112"
