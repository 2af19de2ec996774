"""Key-encryption keys by epoch, and their files: what wraps data keys is destroyed and followed by another.

In `<key folder>/<log name>/`, all mode 0600:
    secrets.bin          epoch 0: see `ledger.keys`; once that epoch has ended, it holds the command mac key alone
    epochs/0001.kek      nonce(12) || AES-256-GCM(file key, nonce, key-encryption key(32), "muniment/epoch/v1\\n"
                         || epoch || "\\n" || origin)
    epochs/0001.keys     the data keys that outlived the epochs before, wrapped under this one: for backups of then
    epochs/*.destroyed   on its way out: taken away at the next sight of it
    epochs/lock          held by whoever erases
file key = HMAC-SHA256(command mac key, "muniment/epoch-file/v1"); the mac key lies under the passphrase, so these do.

A file is whole or not there: written beside its place, flushed, moved, its folder flushed. It is destroyed by giving
it a name that says so, writing over it, and unlinking it; a crash in between leaves the name, and the rest is done
later. Writing over is a measure and no proof: a drive that moves blocks, a snapshot or a copy may keep the old ones.
"""

import fcntl
import hmac
import os
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.errors import BrokenInput, BrokenState, Misuse, Unavailable

NONCE_BYTES = 12
DESTROYED = ".destroyed"
ENDED_BYTES = 16 + NONCE_BYTES + 32 + 16  # of secrets.bin without the key of epoch 0: salt, nonce, mac key, tag
_SURVIVORS = "muniment/survivors/v1"

Survivor = tuple[str, str, bytes, int, int]
"""(data subject, record class, wrapped data key, epoch, made): `ledger.vault.DataKey`, which knows of these files"""


class EpochGone(Unavailable):
    """A data key is wrapped under a key that is not here: an older database was put beside newer keys."""

    def __init__(self, epoch: int) -> None:
        told = f"expected the key of epoch {epoch}, found none; after a restore run `muniment vault reconcile`"
        super().__init__("VAULT_EPOCH", told)


class EpochFiles:
    """The files of one log's epochs. `mac_key` is the log's command mac key; `reseal` gives the secrets file without
    the key of epoch 0."""

    def __init__(self, folder: Path, origin: str, mac_key: bytes, reseal: Callable[[bytes], bytes]) -> None:
        self.folder = folder / "epochs"
        self.secrets = folder / "secrets.bin"
        self._origin = origin
        self._mac_key = mac_key
        self._reseal = reseal
        self._cipher = AESGCM(hmac.digest(mac_key, b"muniment/epoch-file/v1", "sha256"))

    def epochs(self) -> list[int]:
        """The epochs whose keys lie here, epoch 0 left out."""
        return sorted(int(path.stem) for path in self.folder.glob("*.kek") if path.stem.isdecimal())

    def create(self, epoch: int) -> None:
        """Make the key of an epoch, durably, unless it is there already."""
        if self._path(epoch).exists():
            self.load(epoch)  # of an earlier try that was broken off; it must be whole before anything rests on it
            return
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, AESGCM.generate_key(256), self._associated(epoch))
        self._write(self._path(epoch), nonce + sealed)

    def load(self, epoch: int) -> bytes:
        """The key of an epoch; `EpochGone` when it is not here, `BrokenState` when its file is not as written."""
        try:
            data = self._path(epoch).read_bytes()
        except FileNotFoundError as error:
            raise EpochGone(epoch) from error
        try:
            return self._cipher.decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], self._associated(epoch))
        except (InvalidTag, ValueError) as error:
            raise BrokenState(f"expected the key file of epoch {epoch} as it was written, found other bytes") from error

    def write_survivors(self, epoch: int, rows: Iterable[Survivor]) -> int:
        """Keep the data keys that outlive the epochs before, as they are wrapped under this one; their number."""
        lines = list(map(_line, rows))
        body = "\n".join([_SURVIVORS, self._origin, str(epoch), str(len(lines)), *lines])
        self._write(self._survivors(epoch), f"{body}\n{self._mark(body)}\n".encode())
        return len(lines)

    def survivors(self, epoch: int) -> dict[tuple[str, str, int], bytes]:
        """What `write_survivors` kept, wrapped, by data subject, class and index at which it was made; `BrokenState`
        when the file is not as it was written, or not there."""
        try:
            body, _, mark = self._survivors(epoch).read_text().removesuffix("\n").rpartition("\n")
        except (FileNotFoundError, UnicodeDecodeError) as error:
            raise BrokenState(f"expected the surviving data keys of epoch {epoch}, found none") from error
        if not hmac.compare_digest(mark, self._mark(body)):
            raise BrokenState(f"expected the surviving data keys of epoch {epoch} as written, found another file")
        return dict(map(_survivor, body.split("\n")[4:]))

    def kept(self) -> int:
        """The newest epoch whose surviving data keys lie here; 0 for none."""
        return max((int(path.stem) for path in self.folder.glob("*.keys") if path.stem.isdecimal()), default=0)

    def destroy_before(self, epoch: int) -> None:
        """Destroy the keys and survivors of all earlier epochs, that of epoch 0 in secrets.bin included.

        Done again after a crash it finishes what is left, and changes nothing when nothing is.
        """
        self.folder.mkdir(mode=0o700, exist_ok=True)
        for path in [*self.folder.glob("*.kek"), *self.folder.glob("*.keys")]:
            if path.stem.isdecimal() and int(path.stem) < epoch:
                os.replace(path, path.with_name(path.name + DESTROYED))
        self._end_first()
        for path in [*self.folder.glob("*.part"), *self.folder.glob(f"*{DESTROYED}")]:
            _write_over(path, keep=self.secrets)
        _flush_folder(self.folder)

    def is_ended_before(self, epoch: int) -> bool:
        """Whether no key of an earlier epoch is left in these files."""
        older = [path for path in self.folder.glob("*.ke*") if not path.stem.isdecimal() or int(path.stem) < epoch]
        return not older and not any(self.folder.glob(f"*{DESTROYED}")) and not self._has_first()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Alone: of all processes that share this folder one erases at a time; `Unavailable` while another does."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise Unavailable("ERASING", "an erasure is under way in another process") from error
            yield
        finally:
            os.close(descriptor)

    def _has_first(self) -> bool:
        return self.secrets.stat().st_size != ENDED_BYTES

    def _end_first(self) -> None:
        """Put a secrets file without the key of epoch 0 in the place of the one that has it."""
        if not self._has_first():
            return
        with suppress(FileExistsError):  # so that there is something to write over once the name is the new file's
            os.link(self.secrets, self.folder / f"secrets.bin{DESTROYED}")
        _flush_folder(self.folder)
        self._write(self.secrets, self._reseal(self._mac_key))

    def _write(self, path: Path, data: bytes) -> None:
        self.folder.mkdir(mode=0o700, exist_ok=True)
        part = self.folder / f"{path.name}.part"
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
        _flush_folder(self.folder)
        _flush_folder(self.folder.parent)

    def _path(self, epoch: int) -> Path:
        return self.folder / f"{epoch:04}.kek"

    def _survivors(self, epoch: int) -> Path:
        return self.folder / f"{epoch:04}.keys"

    def _associated(self, epoch: int) -> bytes:
        return f"muniment/epoch/v1\n{epoch}\n{self._origin}".encode()

    def _mark(self, body: str) -> str:
        return hmac.digest(self._mac_key, f"muniment/survivors-file/v1\n{body}".encode(), "sha256").hex()


class Files(Protocol):
    """Where keys of later epochs are looked for."""

    def epochs(self) -> list[int]:
        """See `EpochFiles.epochs`."""
        ...

    def load(self, epoch: int) -> bytes:
        """See `EpochFiles.load`."""
        ...


@dataclass(slots=True)
class EpochKeys:
    """The key-encryption keys one process knows; one it does not know is looked for in the files.

    `keys` by epoch. `newest` is under which new data keys are wrapped; no key older than `oldest` is used.
    """

    keys: dict[int, bytes]
    files: Files | None = None
    newest: int = 0
    oldest: int = 0

    def cipher(self, epoch: int) -> AESGCM:
        """The cipher of an epoch; `EpochGone` when its key was destroyed or is not here."""
        if epoch < self.oldest:
            raise EpochGone(epoch)
        key = self.keys.get(epoch)
        if key is None:
            if self.files is None or epoch < 1:
                raise EpochGone(epoch)
            key = self.keys[epoch] = self.files.load(epoch)
        return AESGCM(key)

    def turn(self, newest: int, oldest: int) -> None:
        """New data keys are wrapped under `newest` from now on; keys older than `oldest` are forgotten."""
        self.newest, self.oldest = max(self.newest, newest), max(self.oldest, oldest)
        self.keys = {epoch: key for epoch, key in self.keys.items() if epoch >= self.oldest}


def epoch_keys(files: EpochFiles, first: bytes | None) -> EpochKeys:
    """The keys of a key folder. `first` is the key of epoch 0, None once it was destroyed."""
    epochs = files.epochs()
    if first is None and not epochs:
        raise BrokenInput("expected the key of an epoch, found none", str(files.folder))
    keys = {} if first is None else {0: first}
    # After a restore the database may name an older epoch than the newest key here: the newer one is used.
    return EpochKeys(keys, files, max(epochs, default=0), 0 if first is not None else min(epochs))


def _line(survivor: Survivor) -> str:
    data_subject, record_class, wrapped, _, made = survivor
    if any(sign in text for text in (data_subject, record_class) for sign in "\t\n"):
        raise Misuse("expected a data subject and a class of one line each")
    return f"{data_subject}\t{record_class}\t{made}\t{b64encode(wrapped).decode()}"


def _survivor(line: str) -> tuple[tuple[str, str, int], bytes]:
    data_subject, record_class, made, wrapped = line.split("\t")
    return (data_subject, record_class, int(made)), b64decode(wrapped)


def _write_over(path: Path, keep: Path) -> None:
    """Random bytes in the place of the file's own, flushed, then no file. `keep` is written over by no other name."""
    if path.samefile(keep):
        raise Misuse("expected a file that was replaced, found the one in use")
    descriptor = os.open(path, os.O_WRONLY)
    with os.fdopen(descriptor, "wb") as file:
        file.write(os.urandom(path.stat().st_size))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
