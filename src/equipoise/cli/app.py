"""The application that every command joins, and how errors become one sentence and an exit status."""

import json
import signal
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from ..errors import DataError, DecisionRefused, EquipoiseError, ProtocolError, Stopped

COMMANDS = (
    *("new", "check", "diff", "schema", "design", "simulate", "rehearse", "serve"),
    *("open", "seal", "audit-list", "vault", "roles", "access", "step", "screen", "identity", "randomise", "dose"),
    *("supply", "safety", "laboratory", "quality", "masked", "unblind", "envelopes", "report-envelope"),
    *("paper", "password", "sign", "signatures", "amend", "lock", "export", "odm", "history"),
    *("analyse", "archive", "site-archive", "verify"),
    *("witness", "backup", "restore", "reconcile", "drill", "qualify"),
)
"""The commands in the order of a trial, as help lists them."""
NAMED_WRONGLY = (FileNotFoundError, FileExistsError, IsADirectoryError, NotADirectoryError, PermissionError)
"""What the system says of a file that the user should have named otherwise; a full disk is another matter."""


class _InOrder(TyperGroup):
    """Lists the commands in the order of a trial; one that has no place there comes last."""

    def list_commands(self, ctx: Any) -> list[str]:
        place = {name: number for number, name in enumerate(COMMANDS)}
        return sorted(super().list_commands(ctx), key=lambda name: place.get(name, len(place)))


app = typer.Typer(
    cls=_InOrder,
    name="equipoise",
    help="One protocol file carries a randomised clinical trial from its design to its report.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

ProtocolArgument = Annotated[str, typer.Argument(metavar="PROTOCOL", help="A protocol file, or a shipped trial.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print for programs: one JSON object.")]


def main() -> None:
    """Run the command line; errors that Equipoise knows become one sentence and an exit status."""
    signal.signal(signal.SIGINT, _stop)
    signal.signal(signal.SIGTERM, _stop)
    try:
        sys.exit(app(prog_name="equipoise", standalone_mode=False) or 0)
    except typer.Abort:
        typer.echo("stopped; nothing was written", err=True)
        sys.exit(1)
    except TyperException as error:
        _misused(error)
    except (ProtocolError, DataError, DecisionRefused) as error:
        _fail(error, status=2)
    except EquipoiseError as error:
        _fail(error, status=1)
    except Stopped as stopped:
        typer.echo(str(stopped), err=True)
        sys.exit(1)
    except OSError as error:
        where = "" if error.filename is None else f" Got {error.filename}"
        typer.echo(f"a file or folder cannot be read or written: {error.strerror or error}.{where}", err=True)
        sys.exit(2 if isinstance(error, NAMED_WRONGLY) else 1)


def _stop(_signal: int, _frame: object) -> None:
    """Let Ctrl-C, or the word to terminate, unwind the work: what is half-written is taken away."""
    raise Stopped("stopped; nothing was written")


def _misused(error: TyperException) -> None:
    """Say in one sentence what is wrong with the words of a command; without any words, help is shown."""
    said = str(error.format_message() if hasattr(error, "format_message") else error)
    where = getattr(error, "ctx", None)
    if "\n" in said:
        typer.echo(said, err=True)
    else:
        hint = "" if where is None else f"; see `{where.command_path} --help`"
        typer.echo(f"{said.rstrip('.')}{hint}", err=True)
    sys.exit(2)


def _fail(error: EquipoiseError, status: int) -> None:
    typer.echo(str(error), err=True)
    sys.exit(status)


def print_json(content: Any) -> None:
    """Print an object for programs."""
    typer.echo(json.dumps(content, indent=2, ensure_ascii=False))
