"""Where the pages may be served."""

from pathlib import Path

from controller.config import load
from tests.controller.config.texts import WHOLE, refused, write


def test_pages_without_tls_are_kept_on_loopback(tmp_path: Path):
    assert "not loopback" in refused(tmp_path, WHOLE.replace("[web]", '[web]\nhost = "0.0.0.0"'))
    tls = '[web]\nhost = "0.0.0.0"\ntls_certificate = "c.pem"\ntls_key = "k.pem"'
    assert load(write(tmp_path, WHOLE.replace("[web]", tls))).web.tls_key == tmp_path / "k.pem"


def test_certificate_without_its_key_is_refused(tmp_path: Path):
    assert "go together" in refused(tmp_path, WHOLE.replace("[web]", '[web]\ntls_key = "k.pem"'))
