"""A time-stamping authority for tests: `openssl ts` with a certificate authority of its own, also behind HTTP.

`answer` is what a real authority does with a request. `forged` signs any TSTInfo by any of its signers with
`openssl cms`, for what `openssl ts` refuses to make: another time, a certificate for something else, SHA-1.
"""

import hashlib
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from ledger import der
from ledger.timestamp import SHA256 as SHA256_OID
from tests.conftest import missing

POLICY = "1.3.6.1.4.1.99999.1"
YEAR = 365
NOW = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)  # what `openssl ts` writes is of today
OPEN = NOW - timedelta(days=6 * YEAR)
STAMPING = ExtendedKeyUsageOID.TIME_STAMPING
CODE = ExtendedKeyUsageOID.CODE_SIGNING
_TST_INFO = "1.2.840.113549.1.9.16.1.4"


@dataclass(frozen=True, slots=True)
class Issuer:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)


@dataclass(frozen=True, slots=True)
class Usage:
    """What a signer's certificate says its key is for, and how long; `purposes` None leaves the extension out."""

    purposes: tuple[x509.ObjectIdentifier, ...] | None = (STAMPING,)
    is_critical: bool = True
    first_day: int = 0
    days: int = 30 * YEAR


SIGNERS = {
    "good": Usage(),
    "next": Usage(),
    "expired": Usage(days=YEAR),
    "short": Usage(first_day=5 * YEAR, days=2 * YEAR),
    "no-usage": Usage(None),
    "not-critical": Usage(is_critical=False),
    "code-too": Usage((STAMPING, CODE)),
    "code-only": Usage((CODE,)),
}


def certificate(
    name: str, by: Issuer | None, usage: Usage | None = None, key: ec.EllipticCurvePrivateKey | None = None
) -> Issuer:
    """A certificate from OPEN on, of a new key unless one is given: an authority's own, or with a usage a signer's."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    start = OPEN + timedelta(days=usage.first_day if usage else 0)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=usage.days if usage else 40 * YEAR))
        .add_extension(x509.BasicConstraints(usage is None, None), critical=True)
    )
    if usage is not None and usage.purposes is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage(usage.purposes), critical=usage.is_critical)
    return Issuer(builder.sign(by.key if by else key, SHA256()), key)


class Authority:
    """Its files lie in `folder`; `roots` is the PEM to pin: the root, and the certificate between root and signers."""

    def __init__(self, folder: Path) -> None:
        if shutil.which("openssl") is None:
            missing("openssl", "no such command on this machine")
        self.folder = folder
        folder.mkdir(parents=True)
        self.root = certificate("Test Root", None)
        self.between = certificate("Test Intermediate", self.root)
        self.roots = self.root.pem() + self.between.pem()
        self.signers = {name: certificate(f"Test {name}", self.between, usage) for name, usage in SIGNERS.items()}
        for name, signer in self.signers.items():
            (folder / f"{name}.pem").write_bytes(signer.pem())
            plain = signer.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            (folder / f"{name}.key").write_bytes(plain)
        (folder / "roots.pem").write_bytes(self.roots)
        (folder / "serial").write_text("01\n")
        self.configure()

    def configure(self, *more: str) -> None:
        """Write the configuration; of two lines about one thing the last counts, so `more` goes before none."""
        always = ("digests = sha256, sha384, sha512", "signer_digest = sha256", "ess_cert_id_alg = sha256")
        lines = ("[tsa]", "serial = serial", f"default_policy = {POLICY}", "accuracy = secs:1", *always, *more)
        (self.folder / "ts.conf").write_text("\n".join(lines) + "\n")

    def answer(self, query: bytes, signer: str = "good") -> bytes:
        """The answer of `openssl ts` to a request."""
        (self.folder / "query").write_bytes(query)
        key, pem = self.folder / f"{signer}.key", self.folder / f"{signer}.pem"
        self._run("ts", "-reply", "-config", "ts.conf", "-section", "tsa", "-queryfile", "query", "-signer", str(pem),
                  "-inkey", str(key), "-out", "answer")  # fmt: skip
        return (self.folder / "answer").read_bytes()

    def forged(self, imprint: bytes, at: datetime, signer: str = "good", **odd: str) -> bytes:
        """A token by `signer` that says `at`; `odd` may name another `digest` under the signature or in the imprint
        (`hash`, an OID), and `cades="no"` leaves the certificate unbound."""
        algorithm = der.write(der.SEQUENCE, der.write_oid(odd.get("hash", SHA256_OID)), der.write(der.NULL))
        info = der.write(
            der.SEQUENCE,
            der.write_integer(1),
            der.write_oid(POLICY),
            der.write(der.SEQUENCE, algorithm, der.write(der.OCTET_STRING, imprint)),
            der.write_integer(7),
            der.write(der.GENERALIZED_TIME, at.strftime("%Y%m%d%H%M%SZ").encode()),
        )
        (self.folder / "info").write_bytes(info)
        bound = () if odd.get("cades") == "no" else ("-cades",)
        self._run("cms", "-sign", "-binary", "-nodetach", "-nosmimecap", *bound, "-econtent_type", _TST_INFO,
                  "-in", "info", "-outform", "DER", "-md", odd.get("digest", "sha256"), "-out", "token",
                  "-signer", f"{signer}.pem", "-inkey", f"{signer}.key")  # fmt: skip
        return (self.folder / "token").read_bytes()

    def weak(self) -> str:
        """A signer whose certificate is signed by SHA-1; its name."""
        (self.folder / "between.pem").write_bytes(self.between.pem())
        key = self.between.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (self.folder / "between.key").write_bytes(key)
        (self.folder / "ext").write_text("extendedKeyUsage=critical,timeStamping\n")
        shutil.copy(self.folder / "good.key", self.folder / "weak.key")
        self._run("req", "-new", "-key", "weak.key", "-subj", "/CN=Test weak", "-out", "weak.csr")
        self._run("x509", "-req", "-sha1", "-in", "weak.csr", "-CA", "between.pem", "-CAkey", "between.key",
                  "-set_serial", "99", "-days", "30", "-extfile", "ext", "-out", "weak.pem")  # fmt: skip
        return "weak"

    def misbound(self, imprint: bytes, at: datetime, signer: str, bound: str) -> bytes:
        """A token whose signature is `signer`'s and whose signingCertificateV2 names `bound`; it carries both."""
        real, named = self.signers[signer], self.signers[bound]
        self.forged(imprint, at, signer)
        info = (self.folder / "info").read_bytes()
        sha256 = der.write(der.SEQUENCE, der.write_oid(SHA256_OID))
        digests = [hashlib.sha256(data).digest() for data in (info, named.der())]
        hashed, listed = [der.write(der.OCTET_STRING, digest) for digest in digests]
        for _ in range(3):
            listed = der.write(der.SEQUENCE, listed)
        attributes = sorted(
            der.write(der.SEQUENCE, der.write_oid(kind), der.write(der.SET, value))
            for kind, value in (
                ("1.2.840.113549.1.9.3", der.write_oid(_TST_INFO)),
                ("1.2.840.113549.1.9.4", hashed),
                ("1.2.840.113549.1.9.16.2.47", listed),
            )
        )
        signature = real.key.sign(der.write(der.SET, *attributes), ec.ECDSA(SHA256()))
        sid = der.write(
            der.SEQUENCE,
            real.certificate.issuer.public_bytes(),
            der.write_integer(real.certificate.serial_number),
        )
        signed = der.write(
            der.SEQUENCE,
            der.write_integer(1),
            sid,
            sha256,
            der.write(der.CONTEXT_CONSTRUCTED, *attributes),
            der.write(der.SEQUENCE, der.write_oid("1.2.840.10045.4.3.2")),
            der.write(der.OCTET_STRING, signature),
        )
        content = der.write(
            der.SEQUENCE,
            der.write_oid(_TST_INFO),
            der.write(der.CONTEXT_CONSTRUCTED, der.write(der.OCTET_STRING, info)),
        )
        carried = sorted({real.der(), named.der()})
        data = der.write(
            der.SEQUENCE,
            der.write_integer(3),
            der.write(der.SET, sha256),
            content,
            der.write(der.CONTEXT_CONSTRUCTED, *carried),
            der.write(der.SET, signed),
        )
        outer = der.write_oid("1.2.840.113549.1.7.2")
        return der.write(der.SEQUENCE, outer, der.write(der.CONTEXT_CONSTRUCTED, data))

    def _run(self, *arguments: str) -> None:
        done = subprocess.run(["openssl", *arguments], cwd=self.folder, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()


@contextmanager
def serving(answer: Callable[[bytes], tuple[int, str, bytes]]) -> Iterator[str]:
    """An HTTP server on this machine that answers each POST by (status, content type, body); its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            status, kind, body = answer(query)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/tsa"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
