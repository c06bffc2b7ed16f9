"""Real key providers for tests: a SoftHSM token, moto's AWS, a small Vault over HTTP."""

import secrets
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pkcs11
import pytest
from moto.server import ThreadedMotoServer
from pkcs11 import Attribute, KeyType
from pytest_django.fixtures import Settings

from apps.custody import providers
from apps.custody.providers import circuit
from apps.custody.providers.hsm_session import Module
from tests.fakes.vault import FakeVault

SOFTHSM = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
)
PIN, REGION = "928374", "eu-central-1"


@pytest.fixture(scope="session")
def softhsm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A directory of tokens with one, `console`, that holds two AES keys: kek-1 and kek-2."""
    library = next((path for path in SOFTHSM if Path(path).exists()), None)
    if library is None or shutil.which("softhsm2-util") is None:
        pytest.skip("SoftHSM is not installed: apt-get install softhsm2")
    home = tmp_path_factory.mktemp("softhsm")
    (home / "tokens").mkdir()
    conf = home / "softhsm2.conf"
    conf.write_text(f"directories.tokendir = {home}/tokens\nobjectstore.backend = file\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(conf))
        command = ["softhsm2-util", "--init-token", "--free", "--label", "console"]
        subprocess.run(
            [*command, "--pin", PIN, "--so-pin", "1" + PIN], check=True, capture_output=True
        )
        Module.at(library).run("console", PIN, _make_keys, writing=True)
        (home / "library").write_text(library)
        yield home


def _make_keys(opened: object) -> None:
    session: pkcs11.Session = opened.session  # type: ignore[attr-defined]
    for label in ("kek-1", "kek-2"):
        template = {Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False}
        session.generate_key(KeyType.AES, 256, label=label, store=True, template=template)


@pytest.fixture(scope="session")
def aws() -> Iterator[str]:
    """The address of moto's server."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", secrets.token_hex(8))
        yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def vault() -> Iterator[FakeVault]:
    """A Vault with one transit key, `console`."""
    with FakeVault() as fake:
        yield fake


Configure = Callable[..., None]


@pytest.fixture
def configure(settings: Settings) -> Iterator[Configure]:
    """Set providers and their options for one test."""

    def use(*names: str, emergency: tuple[str, ...] = ("emergency=local",), **options: str) -> None:
        settings.CUSTODY_PROVIDERS = list(names)
        settings.CUSTODY_EMERGENCY_PROVIDERS = list(emergency)
        settings.CUSTODY_OPTIONS = {f"CUSTODY_{name}": value for name, value in options.items()}
        circuit.forget()

    yield use
    circuit.forget()
    providers.forget_providers()


@pytest.fixture
def hsm_options(softhsm: Path) -> dict[str, str]:
    """What a PKCS #11 provider named `pkcs11` needs."""
    return {
        "PKCS11_MODULE": (softhsm / "library").read_text(),
        "PKCS11_TOKEN": "console",
        "PKCS11_PIN": PIN,
        "PKCS11_KEY": "kek-1",
    }
