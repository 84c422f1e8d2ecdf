"""Certificate files that may be replaced while the process runs: by hand, by a renewer, by Kubernetes."""

import asyncio
import datetime
import ssl
import tempfile
from collections.abc import Callable
from typing import Final

import structlog
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from gossamer.runtime.settings import TlsFiles
from gossamer.xds.tls import TlsMaterial

log = structlog.get_logger(__name__)

#: How often the files are looked at.
LOOK_S: Final = 1.0


def material(files: TlsFiles) -> TlsMaterial:
    """What stands in files.

    Raises: OSError, ValueError for what is no PEM, or a key that is another certificate's.
    """
    certificate, key = files.certificate.read_bytes(), files.key.read_bytes()
    client_ca = None if files.client_ca is None else files.client_ca.read_bytes()
    shown = x509.load_pem_x509_certificates(certificate)
    if load_pem_private_key(key, None).public_key() != shown[0].public_key():
        raise ValueError(f"{files.key} is not the key of {files.certificate}")
    if client_ca is not None:
        x509.load_pem_x509_certificates(client_ca)
    return TlsMaterial(certificate, key, client_ca)


class TlsWatch:
    """The newest of the files that is whole; half-replaced files leave the last ones in use."""

    def __init__(self, files: TlsFiles) -> None:
        self._files = files
        self._current = material(files)
        self.on_change: list[Callable[[TlsMaterial], None]] = []

    def current(self) -> TlsMaterial:
        """What is in use."""
        return self._current

    def names(self) -> tuple[str, ...]:
        """The names that the certificate is for."""
        shown = x509.load_pem_x509_certificates(self._current.certificate)[0]
        try:
            names = shown.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except x509.ExtensionNotFound:
            return ()
        return (
            *names.get_values_for_type(x509.DNSName),
            *map(str, names.get_values_for_type(x509.IPAddress)),
        )

    def ends_at(self) -> datetime.datetime:
        """When the certificate is good no more."""
        return x509.load_pem_x509_certificates(self._current.certificate)[0].not_valid_after_utc

    async def follow(self) -> None:
        """Look again and again, for ever."""
        last = ""
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                found = await asyncio.to_thread(material, self._files)
            except (OSError, ValueError) as error:
                # Told once: a renewal writes one file after the other, and may take its time.
                if str(error) != last:
                    log.warning("certificate_not_usable", why=str(error))
                last = str(error)
                continue
            last = ""
            if found != self._current:
                self._current = found
                for hear in self.on_change:
                    hear(found)
                log.info("certificate_changed", certificate=str(self._files.certificate))


def server_context(watch: TlsWatch) -> ssl.SSLContext:
    """A context for HTTP that follows the files; open connections are left alone."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    _load(context, watch.current())
    watch.on_change.append(lambda found: _load(context, found))
    return context


def _load(context: ssl.SSLContext, found: TlsMaterial) -> None:
    """Python reads certificates from files only; these are copies of what was found to be whole."""
    with tempfile.NamedTemporaryFile() as certificate, tempfile.NamedTemporaryFile() as key:
        certificate.write(found.certificate)
        certificate.flush()
        key.write(found.key)
        key.flush()
        context.load_cert_chain(certificate.name, key.name)
