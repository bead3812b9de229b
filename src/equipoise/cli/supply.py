"""Commands of supply that need both sides of the blind or write files; every other step is `equipoise step`.

`equipoise supply lot`, `pack`, `prepare`, `trace`, `stock` and `label` follow a kit from the maker to the bag.
"""

import csv
import os
import uuid
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import DataError, DecisionRefused
from .app import AsJson, app, print_json
from .conduct import Actor, Reader, ReaderRole, Request, TrialFolderArgument, acting_as, attached, reach_of
from .vault import reach_vault, show_content

if TYPE_CHECKING:
    from ..conduct.supply.ledger import AccountLine
    from ..report.labels import Label

supply = typer.Typer(
    name="supply", help="Lots, cartons, kits, prepared doses and their labels.", no_args_is_help=True
)
app.add_typer(supply)

Product = Annotated[str, typer.Argument(metavar="PRODUCT", help="Id of the intervention in the protocol.")]
Labels = Annotated[Path | None, typer.Option("--labels", metavar="FILE", help="PDF file for the labels.")]
Language = Annotated[str, typer.Option(help="Language of the labels: en or zh.")]


@supply.command()
def lot(
    folder: TrialFolderArgument,
    product: Product,
    name: Annotated[str, typer.Argument(metavar="LOT", help="Number of the lot, as its maker gave it.")],
    by: Actor,
    arm: Annotated[list[str], typer.Option("--arm", metavar="ARM", help="Arm that its kits serve; repeat.")],
    expiry: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Last day of its use.")],
    kits: Annotated[int, typer.Option(min=1, help="How many kits can be made of it.")],
    request: Request = None,
) -> None:
    """Take a lot into the vault, by the unblinded pharmacist."""
    from ..trial.supply.steps import receive_lot
    from ..vault.supply.contents import Lot

    content = Lot(lot=name, intervention=product, arms=tuple(arm), expiry=expiry.date(), kits=kits)
    with attached(folder) as running, reach_vault(folder) as client:
        receive_lot(running, client, acting_as(by, "pharmacist"), content, request)
    typer.echo(f"lot {name} is in the vault: {kits} kits of {product}")


@supply.command()
def pack(
    folder: TrialFolderArgument,
    product: Product,
    number: Annotated[int, typer.Argument(metavar="CARTONS", min=1, help="How many cartons to pack.")],
    by: Actor,
    labels: Labels = None,
    language: Language = "en",
    request: Request = None,
    as_json: AsJson = False,
) -> None:
    """Pack cartons, each with a kit for every treatment, and show the pharmacist what goes into which kit."""
    from ..report.labels import kit_labels
    from ..trial.steps import stamp_of
    from ..trial.supply import steps
    from ..vault.supply.desk import KitContent

    acting = acting_as(by, "pharmacist")
    _require_labels(labels, language)
    with attached(folder) as running, reach_vault(folder) as client:
        packed = steps.pack(running, client, acting, product, number, request)
        cartons = tuple(one.carton for one in packed)
        stamp = stamp_of(acting, str(uuid.uuid4()), rehearsed=running.book.mode == "rehearsal")
        contents: list[KitContent] = client.call("show_packing", list[KitContent], stamp=stamp, cartons=cartons)
        if labels is not None:
            found = kit_labels(running.protocol, running.door.trial, cartons, language)
            _write_labels(labels, found, language)
    rows = [
        {"carton": one.carton, "kit": one.kit, "lot": one.lot, "arms": ", ".join(one.arms)} for one in contents
    ]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        typer.echo("  ".join(row.values()))


@supply.command()
def prepare(
    folder: TrialFolderArgument,
    participant: Annotated[str, typer.Argument(metavar="PARTICIPANT", help="Participant.")],
    order: Annotated[str, typer.Argument(metavar="ORDER", help="Number of the order.")],
    by: Actor,
    kit: Annotated[str | None, typer.Option(help="Kit in hand; without it you are told which to take.")] = None,
    concentration: Annotated[str | None, typer.Option(metavar="PER_ML", help="Cells per mL, as counted.")] = None,
    viability: Annotated[str | None, typer.Option(metavar="PERCENT", help="Percentage of living cells.")] = None,
    give_up: Annotated[
        str | None, typer.Option(metavar="REASON", help="Give this preparation up; only the vault learns why.")
    ] = None,
    labels: Labels = None,
    language: Language = "en",
    request: Request = None,
    as_json: AsJson = False,
) -> None:
    """Take the kit of an order, then sign how its dose was prepared; a second person checks it with a step.

    The check is `equipoise step DIR CheckPreparation`; then `equipoise dose` gives the bag out.
    """
    from ..report.labels import dose_label
    from ..trial.supply import steps

    acting, said = acting_as(by, "pharmacist"), {}
    _require_labels(labels, language)
    with attached(folder) as running, reach_vault(folder) as client:
        if give_up is not None:
            steps.replace_kit(running, client, acting, participant, order, give_up, request)
            typer.echo("the preparation is given up; take another kit for the order")
            return
        if kit is None:
            taken = steps.take_kit(running, client, acting, participant, order, request)
            said = {"carton": taken.carton, "kit": taken.kit, "bag": taken.bag, "volume": taken.volume}
        else:
            drawn = steps.sign_preparation(
                *(running, client, acting, participant, order, kit),
                _decimal("concentration", concentration),
                _decimal("viability", viability),
                request,
            )
            said = {"kit": kit, "draw": f"{drawn.drawn:f} mL", "fill up with": f"{drawn.filled:f} mL"}
            if labels is not None:
                known = running.door.trial.participants[participant]
                protocol = running.door.protocol_of(participant)
                label = dose_label(protocol, running.door.trial, known, order, language)
                _write_labels(labels, [label], language)
    if as_json:
        print_json(said)
    else:
        typer.echo("; ".join(f"{name} {value}" for name, value in said.items()))


@supply.command()
def trace(
    folder: TrialFolderArgument,
    name: Annotated[str, typer.Argument(metavar="LOT", help="Number of the lot.")],
    by: Actor,
    reason: Annotated[str, typer.Option(help="What is wrong with the lot; only the vault learns it.")],
    request: Request = None,
) -> None:
    """Put every carton with a kit of a lot into quarantine, wherever it is."""
    from ..trial.supply.steps import quarantine_lot

    with attached(folder) as running, reach_vault(folder) as client:
        found = quarantine_lot(running, client, acting_as(by, "pharmacist"), name, reason, request)
    typer.echo(f"{len(found)} cartons are in quarantine: {', '.join(found)}")


@supply.command()
def stock(
    folder: TrialFolderArgument,
    site: Annotated[str | None, typer.Option(help="Only the kits of this site.")] = None,
    lots: Annotated[
        bool, typer.Option("--lots", help="By lot, for the unblinded side; needs the vault and --by.")
    ] = False,
    by: Annotated[str, typer.Option("--by", metavar="PERSON", help="Who asks; asked for with --lots.")] = "",
    role: Annotated[str, typer.Option(help="With --by: role in which it is asked.")] = "pharmacist",
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="CSV file for the account.")] = None,
    as_json: AsJson = False,
) -> None:
    """Account for every kit: where it is, and what became of it; and how many cartons each site is owed."""
    from ..conduct.supply.ledger import account, owed_to

    _require_writable(out)
    with attached(folder) as running:
        if lots:
            rows = _by_lot(folder, by, role)
        else:
            trial = running.door.trial
            shown = reach_of(running, by, role if by else "", "stock", site)
            rows = [_plain(line) for line in account(trial, site) if shown(trial.cartons[line.carton].site)]
            today = datetime.now().astimezone().date()
            owed = {
                (where, name): owed_to(running.protocol, trial, where, name, today)
                for where in trial.sites
                if shown(where)
                for name, product in running.protocol.interventions.items()
                if product.supply is not None and site in (None, where)
            }
    if out is not None:
        _write_csv(out, rows)
    if as_json:
        print_json(rows)
        return
    for line in (
        _in_columns(rows)
        if lots
        else ("  ".join(str(value) for value in row.values() if value != "") for row in rows)
    ):
        typer.echo(line)
    if not lots:
        for (where, name), number in owed.items():
            if number:
                typer.echo(f"site {where} is owed {number} cartons of {name}")


@supply.command()
def label(
    folder: TrialFolderArgument,
    out: Annotated[Path, typer.Argument(metavar="FILE", help="PDF file for the labels.")],
    carton: Annotated[
        list[str] | None, typer.Option("--carton", metavar="CARTON", help="Labels of its kits; repeat.")
    ] = None,
    order: Annotated[str | None, typer.Option(help="Label of the dose prepared for this order.")] = None,
    language: Language = "en",
    by: Reader = "",
    role: ReaderRole = "",
) -> None:
    """Print labels again: of the kits of cartons, or of a prepared dose."""
    from ..report.labels import dose_label, kit_labels

    _require_labels(out, language)
    with attached(folder) as running:
        trial = running.door.trial
        shown = reach_of(running, by, role, "stock")
        foreign = [one for one in carton or () if one in trial.cartons and not shown(trial.cartons[one].site)]
        if foreign or (order is not None and not shown(order.partition("-")[0])):
            raise DecisionRefused(f"labels are printed for the own site. Got {foreign[0] if foreign else order}")
        found = kit_labels(running.protocol, trial, carton or (), language) if carton else []
        if order is not None:
            who = order.partition("/")[0]
            if who not in trial.participants:
                raise DecisionRefused(f"there is no such order; check its number. Got {order}")
            protocol = running.door.protocol_of(who)
            found.append(dose_label(protocol, trial, trial.participants[who], order, language))
    _write_labels(out, found, language)
    typer.echo(f"{len(found)} labels were written to {out}")


@supply.command()
def show(
    folder: TrialFolderArgument,
    order: Annotated[str, typer.Argument(metavar="ORDER", help="Order, such as 01-001/W0.")],
    by: Actor,
    role: Annotated[str, typer.Option(help="Role in which it is asked.")] = "unblinded monitor",
    as_json: AsJson = False,
) -> None:
    """Show what is in the bag of an order, for the pharmacy and the unblinded monitor; the vault notes it."""
    with attached(folder) as running, reach_vault(folder) as client:
        said = show_content(client, running, acting_as(by, role), order)
    if as_json:
        print_json(said)
    else:
        typer.echo("; ".join(f"{name} {value}" for name, value in said.items()))


@supply.command("verify")
def verify_accounts(
    folder: TrialFolderArgument,
    by: Actor,
    note: Annotated[str, typer.Option(help="What was verified and found; the vault keeps it.")],
    request: Request = None,
) -> None:
    """Sign, as the unblinded monitor, that kits, lots and preparations were verified at the source."""
    from ..trial.steps import stamp_of

    with attached(folder) as running, reach_vault(folder) as client:
        acting = acting_as(by, "unblinded monitor")
        stamp = stamp_of(acting, request or str(uuid.uuid4()), rehearsed=running.book.mode == "rehearsal")
        client.call("verify_accounts", None, stamp=stamp, note=note)
    typer.echo("the vault keeps that the accounts were verified")


def _by_lot(folder: Path, by: str, role: str) -> list[dict[str, object]]:
    from ..trial.supply.steps import account_by_lot

    if not by:
        raise DataError("say who asks for the account by lot: --by PERSON")
    with attached(folder) as running, reach_vault(folder) as client:
        found = account_by_lot(running, client, acting_as(by, role))
    return [
        {
            "lot": name,
            "product": lot.intervention,
            "arms": ", ".join(lot.arms),
            "expiry": f"{lot.expiry}",
            "received": lot.received,
            "packed": len(lot.kits),
            **dict(sorted(where.items())),
        }
        for name, (lot, where) in found.items()
    ]


def _in_columns(rows: Sequence[dict[str, object]]) -> list[str]:
    """Return rows as lines under their headings; a number that a row does not have is 0."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = [names, *([str(row.get(name, 0)) for name in names] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells
    ]


def _plain(line: "AccountLine") -> dict[str, object]:
    return {
        name: str(value) if isinstance(value := getattr(line, name), date) else value
        for name in line.__struct_fields__
    }


def _decimal(name: str, text: str | None) -> Decimal | None:
    if text is None:
        return None
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise DataError(f"{name} must be a number such as 2.1e6. Got {text}") from error


def _require_labels(file: Path | None, language: str) -> None:
    """Refuse, before anything is done, a file for labels that cannot be written, and an unknown language."""
    from ..report.labels import WORDS

    if language not in WORDS:
        raise DataError(f"the language of labels must be one of {', '.join(WORDS)}. Got {language}")
    _require_writable(file)


def _require_writable(file: Path | None) -> None:
    """Refuse, before anything is done, a file that is there already or has no folder."""
    if file is not None and (file.exists() or not os.access(file.parent, os.W_OK | os.X_OK)):
        raise DataError(f"name a file that does not exist yet, in a folder that can be written to. Got {file}")


def _write_labels(file: Path, labels: "Sequence[Label]", language: str) -> None:
    from ..report.labels import render_labels

    file.write_bytes(render_labels(labels, language))


def _write_csv(file: Path, rows: Sequence[dict[str, object]]) -> None:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, columns, restval=0)
        writer.writeheader()
        writer.writerows(rows)
