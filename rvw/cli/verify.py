"""`rvw verify`: is a dossier, signed document or certificate whole? Needs files and public keys. `rvw keys`: those keys."""

import json
import sys
import time
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from rvw.cli.audit_log import Config, operator, settings_of
from rvw.domain import certificate, signature
from rvw.domain.package import DOSSIER, Whole, check, check_alone
from rvw.domain.seal import PublicKeys, public_keys
from rvw.errors import InvalidInput, NotWhole

NOT_WHOLE = 1
"""The exit code when something does not fit; 2 when nothing could be checked, as everywhere."""

keys = typer.Typer(
    no_args_is_help=True, help="The key that dossiers are sealed with, and the one that keys of visits are wrapped with."
)

Data = Annotated[Path, typer.Option(help="The data folder.")]


def verify(
    target: Annotated[
        Path,
        typer.Argument(
            metavar="FILE|FOLDER", help="A package (folder, ZIP), dossier.json, a PDF, a signature, a certificate."
        ),
    ],
    public: Annotated[Path, typer.Option("--keys", help="The public keys, as the issuer publishes them.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
) -> None:
    """Check a dossier or a signed document; exit with 1 and name what does not fit, with 2 if it could not be checked."""
    known = public_keys(_bytes(public))
    try:
        whole = check_path(target, known)
    except NotWhole as error:
        print(json.dumps({"ok": False, "fault": str(error)}, ensure_ascii=False) if as_json else f"NOT WHOLE: {error}")
        sys.exit(NOT_WHOLE)
    except OSError as error:
        raise InvalidInput(f"{target} cannot be read: {error}") from error
    print(json.dumps({"ok": True, **msgspec.to_builtins(whole)}, indent=2) if as_json else told(whole))


def check_path(target: Path, known: PublicKeys) -> Whole | signature.Statement | certificate.Certificate:
    """Check what lies at a path, by what it is. Raises `NotWhole`, `InvalidInput`, `OSError`."""
    from signaling.dossiers.evidence import attached
    from signaling.dossiers.packages import Folder, open_zip

    if target.is_dir():
        return check(Folder(target), known, attached)
    if target.suffix == ".zip":
        with open_zip(target) as package:
            return check(package, known, attached)
    data = _bytes(target)
    if target.suffix == ".pdf":
        if signature.MARK in data:
            return signature.check(data, known, attached)
        inside = attached(data)
        if DOSSIER not in inside:
            raise NotWhole(f"{target.name}: there is no {DOSSIER} inside")
        data = inside[DOSSIER]
    elif data.startswith(certificate.MARK):
        return certificate.check(data, known)
    elif data.startswith(b'{"seal":') and b'"what":"signature"' in data:
        return signature.check_statement(data, known)
    return check_alone(data, known)


@keys.command("show")
def show(data: Data = Path("var")) -> None:
    """Print the public keys, as `rvw verify --keys` reads them and /.well-known/rvw-seal-keys.json serves them."""
    from signaling.dossiers.keys import open_keys

    public = open_keys(data, time.time()).public()
    print(msgspec.json.format(msgspec.json.encode(public)).decode())


@keys.command("rotate")
def rotate(data: Data = Path("var")) -> None:
    """Make a new key, at once used by running processes. The old one can seal nothing any more; its seals stay good."""
    from signaling.dossiers import keys as kept

    print(f"sealing with {kept.rotate(data, time.time()).signer().key} from now on")


@keys.command("rotate-data")
def rotate_data(config: Config = None, data: Data = Path("var")) -> None:
    """Change the key that the keys of visits are wrapped with, in a minute, while everything runs.

    What only the old one could open is gone then, also in backups: do it after deletions, and back the key file up again.
    """
    import asyncio

    from signaling.app import open_records
    from signaling.dossiers.keys import open_keys
    from signaling.keeping.audit import Audit
    from signaling.keeping.opening import open_provider
    from signaling.keeping.rotating import Rotated, rotate

    settings = settings_of(config, data)

    async def run() -> Rotated:
        seals = open_keys(Path(settings.store.data), time.time())
        async with open_records(settings) as store:
            audit = Audit(store.trail, seals, time.time)
            return await rotate(open_provider(settings), store.keys, audit, operator(), time.time, asyncio.sleep)

    print(json.dumps(msgspec.to_builtins(asyncio.run(run()))))


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{file} cannot be read: {error.strerror}") from error


def told(whole: Whole | signature.Statement | certificate.Certificate) -> str:
    """Return in words what was found whole."""
    match whole:
        case signature.Statement():
            return _told_signature(whole)
        case certificate.Certificate():
            return _told_certificate(whole)
        case Whole():
            return _told(whole)


def _told_certificate(gone: certificate.Certificate) -> str:
    done = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(gone.done_at))
    what = f"{gone.kind} of visit {gone.visit}, {len(gone.versions)} versions, {len(gone.files)} files"
    key = ", and the visit's key destroyed" if gone.key_destroyed else ""
    return f"WHOLE: {what}\ndeleted {done} by the rule {gone.rule.id} ({gone.rule.days} days; {gone.rule.basis}){key}"


def _told_signature(statement: signature.Statement) -> str:
    signed = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(statement.at))
    by = statement.by
    return (
        f"WHOLE: {statement.title}, signed by {by.name} {by.masked} ({by.signer}, identity {by.identity})\n"
        f"at {signed} on a {statement.signed_on} in visit {statement.visit}\n"
        f"document {statement.document.sha256}"
    )


def _told(whole: Whole) -> str:
    sealed = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(whole.sealed_at))
    lines = [
        f"WHOLE: visit {whole.visit}, version {whole.number}, {whole.events} events, {whole.files} files",
        f"sealed {sealed} by the key {whole.key}",
    ]
    if whole.removed:
        lines.append(f"{whole.removed} events or files were removed by law: of those only the hashes are there")
    if whole.alone:
        lines.append("only dossier.json was checked: for its files and the pages of the PDF, check the whole package")
    return "\n".join(lines)
