"""The command `rvw`: everything an operator, a developer or a test starts. Nothing imports this package.

It is the one part of `rvw` that is a shell: it starts processes and talks to people.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from rvw.cli import archive, audit, audit_log, bench, catalogue, devices, keep, media, people, simulate, verify
from rvw.errors import RvwError

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)

app.add_typer(people.tenancy, name="tenancy")
app.add_typer(people.account, name="account")
app.add_typer(people.kiosk, name="kiosk")
app.add_typer(audit.app, name="audit")
audit_log.add_to(audit.app)
app.command()(simulate.simulate)
app.command()(verify.verify)
app.add_typer(archive.app, name="archive")
app.add_typer(keep.app, name="keep")
app.add_typer(verify.keys, name="keys")
app.add_typer(bench.app, name="bench")
app.add_typer(catalogue.catalogue, name="catalogue")
app.add_typer(media.app, name="media")
app.add_typer(devices.app, name="device-sim")

REFUSED = 2


def main() -> None:
    """Run the command line; tell an error in one sentence."""
    try:
        app()
    except RvwError as error:
        print(f"rvw: {error}", file=sys.stderr)
        sys.exit(REFUSED)


@app.command()
def up(
    host: Annotated[str, typer.Option(help="Address to listen at; beyond loopback it serves TLS.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port of the pages.")] = 8080,
    data: Annotated[Path, typer.Option(help="Where everything is kept.")] = Path("var"),
    demo: Annotated[bool, typer.Option("--demo", help="Load the demo tenancy though not on loopback.")] = False,
    certificate: Annotated[str, typer.Option(help="A TLS certificate (PEM); self-made if none is given.")] = "",
    private_key: Annotated[str, typer.Option(help="Its private key (PEM).")] = "",
    handover_url: Annotated[str, typer.Option(help="The case system; a reference one is started if none is given.")] = "",
    public_ip: Annotated[str, typer.Option(help="The address outside, when this machine is behind 1:1 NAT.")] = "",
    media_workers: Annotated[
        int, typer.Option(min=0, max=64, help="How many; 0: one for each processor core beyond the first.")
    ] = 0,
    setting: Annotated[list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A setting.")] = None,
) -> None:
    """Build what is missing and run the whole product on this machine."""
    from rvw.cli import machine, node, product

    if node.build():
        print("rvw: the pages could not be built", file=sys.stderr)
        sys.exit(1)
    options = product.Options(
        host=host,
        port=port,
        data=data.absolute(),
        demo=demo or machine.is_loopback(host),
        certificate=certificate,
        private_key=private_key,
        handover_url=handover_url,
        public_ip=public_ip,
        media_workers=media_workers,
        settings=tuple(setting or ()),
    )
    asyncio.run(product.up(options))


@app.command()
def schema(check: Annotated[bool, typer.Option("--check", help="Fail when the committed one differs.")] = False) -> None:
    """Write the JSON Schemas: of the browser protocol to web/src/protocol, of the dossier to signaling/dossiers."""
    from rvw.cli.node import ROOT, WEB
    from rvw.protocol import schema as protocol

    files = {
        WEB / "src" / "protocol" / "schema.json": protocol.text(),
        ROOT / "signaling" / "dossiers" / "dossier.schema.json": protocol.dossier_text(),
    }
    for file, text in files.items():
        if not check:
            file.write_text(text)
        elif not file.exists() or file.read_text() != text:
            print(f"rvw: {file} differs from the protocol: run ./rvw.sh schema", file=sys.stderr)
            sys.exit(1)


@app.command()
def check() -> None:
    """Lint, types, architecture, unit and property tests: the fast feedback."""
    from rvw.cli import checks

    sys.exit(checks.check())


@app.command()
def test() -> None:
    """Install what tests need and run everything."""
    from rvw.cli import checks

    sys.exit(checks.test())


@app.command("case-system")
def run_reference_case_system(
    host: Annotated[str, typer.Option()] = "127.0.0.1",
    port: Annotated[int, typer.Option()] = 8081,
    data: Annotated[Path, typer.Option(help="Where what was received is kept.")] = Path("var/case-system"),
    secret: Annotated[str, typer.Option(envvar="RVW_HANDOVER__SECRET", help="The webhooks' secret.")] = "",
    faults: Annotated[str, typer.Option(help="Misbehave: errors=0.3,hang=0.1,drop=0.1,seed=7")] = "",
) -> None:
    """Run the reference case system: verifies signatures, keeps records, gives receipts, shows them on a page."""
    from rvw.cli.case_system import run_case_system

    run_case_system(host, port, secret, data, faults)


@app.command("doctor")
def run_doctor(
    origin: Annotated[str, typer.Argument(metavar="URL", help="Where the pages are: https://window.example.org")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
    officer: Annotated[str, typer.Option(envvar="WINDOW_PROBE_OFFICER", help="Account of the probe's desk.")] = "",
    password: Annotated[str, typer.Option(envvar="WINDOW_PROBE_PASSWORD", help="Its password.")] = "",
    data: Annotated[Path, typer.Option(help="The folder whose disk is looked at; of a running `rvw up`.")] = Path("var"),
    redis: Annotated[str, typer.Option(metavar="URL", help="The live store; else the one of --data.")] = "",
    sql: Annotated[str, typer.Option(metavar="URL", help="The records; else those of --data.")] = "",
) -> None:
    """Check what a page needs from here, and, at the servers, what a power cut would leave; exit with 1 if it is amiss."""
    from rvw.cli import doctor, finding, probe

    demo = probe.Credentials()
    credentials = probe.Credentials(officer or demo.officer, demo.supervisor, password or demo.password, demo.region)
    found = asyncio.run(doctor.examine(origin.rstrip("/"), credentials, doctor.Stores.of(data, redis, sql)))
    well = all(one.ok for one in found)
    print(json.dumps(msgspec.to_builtins(found), ensure_ascii=False, indent=2) if as_json else finding.table(found))
    sys.exit(0 if well else 1)


@app.command("probe")
def run_probe(
    origin: Annotated[str, typer.Argument(metavar="URL", help="Where the pages are: http://127.0.0.1:8080")],
    count: Annotated[int, typer.Option(min=1, max=1000, help="How many visits.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
    officer: Annotated[str, typer.Option(envvar="WINDOW_PROBE_OFFICER", help="Account of the probe's desk.")] = "",
    supervisor: Annotated[str, typer.Option(envvar="WINDOW_PROBE_SUPERVISOR", help="May enrol its kiosk.")] = "",
    password: Annotated[str, typer.Option(envvar="WINDOW_PROBE_PASSWORD", help="Of both.")] = "",
) -> None:
    """Make a synthetic visit through the whole product; exit with 1 and the failing step's name if it fails."""
    from rvw.cli import probe

    demo = probe.Credentials()
    credentials = probe.Credentials(
        officer or demo.officer, supervisor or demo.supervisor, password or demo.password, demo.region
    )
    tell = (lambda _line: None) if as_json else print
    outcome = asyncio.run(probe.run(origin.rstrip("/"), credentials, count, tell))
    print(json.dumps(outcome, ensure_ascii=False, indent=2))
    sys.exit(0 if outcome["ok"] else 1)
