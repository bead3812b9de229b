"""Participants, measurements and adverse events from SDTM, for what a folder lacks in ADaM.

The derivations are those of `datasets.derive`; here they are told what the protocol says: which dose of 0 is one
of placebo, which visits a form is filled in at, how far a visit's window reaches, how long after the last dose an
event still counts as treatment-emergent.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace

import polars as pl

from ...protocol import Protocol
from ...protocol.model import Form
from ..check import require_dataset
from ..dataset import Dataset
from ..derive.adverse_events import derive_adverse_events
from ..derive.dates import derive_date, study_day
from ..derive.participants import derive_adsl, derive_treatment_end
from ..derive.supplement import derive_with_supplement
from .columns import as_text
from .findings import derive_form
from .participants import match_arms, require_participants
from .shelf import Shelf
from .visits import fold


def derive_participants(shelf: Shelf, protocol: Protocol) -> Dataset:
    """Derive ADSL from DM, EX, DS, and add SUPPDM, SC and what else DM has of the protocol's variables.

    Day 1 is the first dose; where EX is absent, RFXSTDTC of DM, else RFSTDTC. RANDDT is RFSTDTC. Raises DataError
    where DM lacks a variable, holds a participant twice, or names an arm that the protocol does not know.
    """
    dm = shelf.read("dm")
    require_dataset(dm, {"USUBJID": "text", "ARM": "text"}, keys=["USUBJID"])
    require_participants(dm)
    match_arms(dm, "ARM", dm.frame["ARM"], protocol)
    ex = _doses(shelf, dm.frame, protocol)
    ds = shelf.read("ds").frame if "ds" in shelf else None
    adsl = derive_adsl(dm.frame, ex, ds)
    adsl = _with_start(adsl, dm.frame)
    if "EOSDT" in adsl.columns and "TRTEDT" in adsl.columns and adsl["TRTEDT"].null_count():
        adsl = derive_treatment_end(adsl, "EOSDT")
    if "suppdm" in shelf:
        adsl = derive_with_supplement(adsl, shelf.read("suppdm").frame)
    if "sc" in shelf:
        adsl = _with_characteristics(adsl, shelf.read("sc").frame)
    named = {name for variable in protocol.variables.values() for name in variable.adam}
    beside = [name for name in dm.frame.columns if name in named and name not in adsl.columns]
    adsl = adsl.join(dm.frame.select("USUBJID", *beside), on="USUBJID", how="left", maintain_order="left")
    return Dataset("dm", _with_numbers(adsl, protocol), dm.path, dm.format)


def _with_numbers(adsl: pl.DataFrame, protocol: Protocol) -> pl.DataFrame:
    """Turn supplemental qualifiers, which are always text, into numbers where a variable is a number."""
    numeric = [n for v in protocol.variables.values() if v.type in ("number", "day") for n in v.adam]
    for name in numeric:
        if name in adsl.columns and adsl.schema[name] == pl.String:
            number = adsl[name].cast(pl.Float64, strict=False)
            if number.null_count() == adsl[name].null_count():
                adsl = adsl.with_columns(number)
    return adsl


def derive_adae(shelf: Shelf, adsl: Dataset, protocol: Protocol) -> Dataset:
    """Derive ADAE from AE; variables of AE that the derivation needs and AE lacks count as missing."""
    ae = shelf.read("ae")
    require_dataset(ae, {"USUBJID": "text", "AEDECOD": "text", "AESTDTC": "text"})
    frame = ae.frame
    if "AEENDTC" not in frame.columns:
        frame = frame.with_columns(AEENDTC=pl.lit(None, pl.String))
    if "AESEQ" not in frame.columns:
        frame = frame.with_columns(AESEQ=pl.int_range(1, pl.len() + 1))
    after = protocol.safety.follow_up_after_last_dose if protocol.safety is not None else None
    days = None if after is None else round(after.to("d"))
    derived = derive_adverse_events(frame, adsl.frame, days_after_last_dose=days)
    return replace(ae, frame=derived.with_columns(pl.col("TRTEMFL").fill_null("N")))


def derive_measured(
    shelf: Shelf, adsl: Dataset, protocol: Protocol, items: Collection[str], *, ranges: bool
) -> list[Dataset]:
    """Derive basic data structures of the items from the findings domains that hold them.

    With `ranges`, every test of LB with a reference range is derived too, unless the folder holds it in ADaM.
    """
    wanted = {name: form for form, name in _by_form(protocol, items)}
    derived = []
    for domain in shelf.folder.names:
        prefix = domain.upper()
        if f"{prefix}TESTCD" not in shelf.folder.variables(domain):
            continue
        codes = set(shelf.read(domain, [f"{prefix}TESTCD"]).frame[f"{prefix}TESTCD"])
        forms: dict[str, dict[str, str]] = {}
        for name, form in wanted.items():
            item = protocol.items[name]
            if item.testcd is not None and (item.sdtm_testcd or item.testcd) in codes:
                forms.setdefault(form, {})[item.sdtm_testcd or item.testcd] = item.testcd
        if ranges and domain == "lb":
            forms = _add_ranged(shelf, protocol, forms)
        for form, tests in forms.items():
            derived.append(derive_form(shelf, domain, tests, adsl, protocol, form))
    return derived


def dose_counts(shelf: Shelf, participants: pl.DataFrame, protocol: Protocol) -> Mapping[str, int] | None:
    """Return the number of doses of each participant: the rows of EX that are doses; None where EX is absent."""
    people = participants.select(USUBJID=pl.col("participant"), ARM=pl.col("arm_label"))
    ex = _doses(shelf, people, protocol)
    if ex is None:
        return None
    given = ex.filter(pl.col("EXDOSE").is_null() | (pl.col("EXDOSE") > 0)) if "EXDOSE" in ex.columns else ex
    counts = given.group_by("USUBJID").len()
    return dict(counts.iter_rows())


def with_dates_of_death(shelf: Shelf, participants: pl.DataFrame) -> pl.DataFrame:
    """Take the day of death from DTHDTC of DM where ADSL gives none."""
    if "dm" not in shelf or "DTHDTC" not in shelf.folder.variables("dm"):
        return participants
    dates = derive_date(shelf.read("dm", ["USUBJID", "DTHDTC"]).frame, "DTHDTC", "_died").drop("DTHDTC")
    joined = participants.join(
        dates.unique("USUBJID").rename({"USUBJID": "participant"}),
        on="participant",
        how="left",
        maintain_order="left",
    )
    day = study_day(pl.col("_died"), pl.col("reference_date")).cast(pl.Int64)
    return joined.with_columns(
        death_day=pl.coalesce("death_day", day), died=pl.col("died") | pl.col("_died").is_not_null()
    ).drop("_died")


def _doses(shelf: Shelf, people: pl.DataFrame, protocol: Protocol) -> pl.DataFrame | None:
    """Return EX, a dose of 0 in an arm whose planned dose is 0 being one of placebo: such a dose is set missing.

    The derivation of exposure takes a missing dose as given, and 0 of an active product as not given.
    """
    if "ex" not in shelf:
        return None
    dataset = shelf.read("ex")
    require_dataset(dataset, {"USUBJID": "text", "EXSTDTC": "text"})
    if "EXDOSE" not in dataset.frame.columns:
        return dataset.frame
    require_dataset(dataset, {"EXDOSE": "number"})
    of_placebo = [
        fold(word)
        for name, arm in protocol.arms.items()
        if arm.doses and all(dose.value == 0 for dose in arm.doses.values())
        for word in (name, *arm.label.root.values())
    ]
    arms = {value: fold(value) in of_placebo for value in people["ARM"].drop_nulls().unique()}
    placebo = people.filter(pl.col("ARM").replace_strict(arms, default=False, return_dtype=pl.Boolean))["USUBJID"]
    nothing = (pl.col("EXDOSE") == 0) & pl.col("USUBJID").is_in(placebo.implode())
    return dataset.frame.with_columns(EXDOSE=pl.when(~nothing.fill_null(value=False)).then(pl.col("EXDOSE")))


def _with_start(adsl: pl.DataFrame, dm: pl.DataFrame) -> pl.DataFrame:
    starts = [name for name in ("RFXSTDTC", "RFSTDTC") if name in dm.columns]
    if not starts:
        return adsl
    dated = dm.select("USUBJID", *starts)
    for name in starts:
        dated = derive_date(dated, name, f"_{name}").drop(name)
    adsl = adsl.join(dated, on="USUBJID", how="left", maintain_order="left")
    columns = {"RANDDT": pl.col(f"_{starts[-1]}")}
    if "TRTSDT" not in adsl.columns:
        columns["TRTSDT"] = pl.coalesce(f"_{name}" for name in starts)
    return adsl.with_columns(**columns).drop(f"_{name}" for name in starts)


def _with_characteristics(adsl: pl.DataFrame, sc: pl.DataFrame) -> pl.DataFrame:
    """Add each subject characteristic as a variable: the number where it is one, else the text."""
    if not {"USUBJID", "SCTESTCD", "SCSTRESC"} <= set(sc.columns):
        return adsl
    for (code,), rows in sc.group_by(["SCTESTCD"], maintain_order=True):
        name = str(code)
        numeric = "SCSTRESN" in sc.columns and rows["SCSTRESN"].null_count() < rows.height
        values = rows["SCSTRESN"] if numeric else as_text(rows["SCSTRESC"])
        one_each = rows.select("USUBJID").with_columns(values.alias(name)).unique("USUBJID", keep="first")
        if name not in adsl.columns:
            adsl = adsl.join(one_each, on="USUBJID", how="left", maintain_order="left")
    return adsl


def _by_form(protocol: Protocol, items: Collection[str]) -> list[tuple[str, str]]:
    return [(form, name) for form, plan in protocol.forms.items() for name in plan.items if name in items]


def _add_ranged(shelf: Shelf, protocol: Protocol, forms: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """Add the tests of LB that have a reference range; one that no form declares goes by itself."""
    columns = [name for name in ("LBSTNRLO", "LBSTNRHI") if name in shelf.folder.variables("lb")]
    if not columns:
        return forms
    frame = shelf.read("lb", ["LBTESTCD", *columns]).frame
    ranged = frame.filter(pl.any_horizontal(pl.col(n).is_not_null() for n in columns))["LBTESTCD"]
    home = {code: name for name, form in protocol.forms.items() for code in _codes(form)}
    taken = {code for tests in forms.values() for code in tests}
    for code in ranged.unique(maintain_order=True).drop_nulls():
        if code not in taken and shelf.find(code) is None:
            forms.setdefault(home.get(code, ""), {})[code] = code
    return forms


def _codes(form: Form) -> list[str]:
    return [item.testcd for item in form.items.values() if item.testcd]
