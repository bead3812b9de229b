"""Labels of supply: one for every kit, and one for every prepared dose; neither says anything of the arm.

A label says of which trial and product it is, how that is given and kept, its number, up to when it may be used,
who is the sponsor and who stands for it, and that it is for the trial only (Regulation (EU) 536/2014, Annex VI;
EU GMP Annex 13; address and telephone are printed on the roll). A dose adds whom it is for, who prepared and who
checked it, and until when it may wait. A label of 100 x 60 mm is a page, so that a label printer takes the file as
it is.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

import msgspec

from ..conduct.door.scope import name_person
from ..conduct.door.state import Participant, Trial
from ..conduct.supply.ledger import require_cartons, supplied_at
from ..errors import DecisionRefused, EstimationFailed
from ..protocol import Protocol
from ..protocol.model import Intervention
from ..standards.fonts import FONT_FOLDER
from ..standards.fonts.signs import spell_missing
from .language import Phrases


class Label(msgspec.Struct, frozen=True):
    """A label: the trial above, the product, its number in large, and lines of what and how much."""

    trial: str
    product: str
    number: str
    lines: tuple[tuple[str, str], ...]


def kit_labels(protocol: Protocol, trial: Trial, cartons: Sequence[str], language: str = "en") -> list[Label]:
    """Give the labels of the kits of cartons, by number. Raises DecisionRefused for an unknown carton."""
    say, sponsor = WORDS[language], _sponsor(protocol, trial)
    found = []
    for number, carton in zip(cartons, require_cartons(trial, tuple(cartons)), strict=True):
        product = protocol.interventions[carton.intervention]
        kept = _kept(product, say)
        for kit in carton.kits:
            lines = (
                (say["carton"], number),
                (say["use by"], f"{carton.use_by}"),
                (say["route"], Phrases(language)(product.route)),
                *kept,
                (say["sponsor"], sponsor),
            )
            found.append(Label(protocol.trial.id, product.label.say(language), kit, lines))
    return found


def dose_label(
    protocol: Protocol, trial: Trial, participant: Participant, order: str, language: str = "en"
) -> Label:
    """Give the label of a dose as it was prepared. Raises DecisionRefused where the order has no prepared dose."""
    infusion = participant.infusions.get(order)
    if infusion is None or infusion.prepared_by is None or infusion.prepared_at is None:
        raise DecisionRefused(f"no dose was prepared for this order yet; there is nothing to label. Got {order}")
    intervention = supplied_at(protocol, participant, infusion.visit)
    assert intervention is not None
    product, say = protocol.interventions[intervention], WORDS[language]
    zone = trial.sites[participant.site].zone
    checked = "" if infusion.checked_by is None else name_person(trial, infusion.checked_by)
    lines = [
        (say["participant"], participant.id),
        (say["visit"], infusion.visit),
        (say["kit"], infusion.kit or ""),
        (say["volume"], "" if product.volume is None else str(product.volume)),
        (say["route"], Phrases(language)(product.route)),
        (say["prepared"], f"{_local(infusion.prepared_at, zone)}, {name_person(trial, infusion.prepared_by)}"),
        (say["checked"], checked),
        (say["sponsor"], _sponsor(protocol, trial)),
    ]
    if product.storage is not None and product.storage.in_use is not None:
        until = infusion.prepared_at + timedelta(seconds=product.storage.in_use.to("s"))
        lines.insert(6, (say["give before"], _local(until, zone)))
    return Label(protocol.trial.id, product.label.say(language), infusion.prepared_bag or "", tuple(lines))


def render_labels(labels: Sequence[Label], language: str = "en") -> bytes:
    """Set labels as PDF, a page each. Raises DecisionRefused for none, EstimationFailed where one does not fit."""
    import typst

    if not labels:
        raise DecisionRefused("there is nothing to label; name cartons, or an order whose dose was prepared")
    template = (files("equipoise.report") / "templates" / "label.typ").read_bytes()
    content = {
        "lang": language,
        "only": WORDS[language]["only"],
        "labels": [msgspec.to_builtins(label) for label in labels],
    }
    pdf, warnings = typst.compile_with_warnings(
        template,
        font_paths=typst.Fonts(font_paths=[str(FONT_FOLDER)], include_system_fonts=False),
        format="pdf",
        sys_inputs={"labels": spell_missing(json.dumps(content, ensure_ascii=False))},
    )
    if warnings:
        raise EstimationFailed(f"the labels could not be set: {'; '.join(str(w.message) for w in warnings)}")
    return bytes(pdf)


def _sponsor(protocol: Protocol, trial: Trial) -> str:
    """Name the sponsor of the protocol and who stands for it in the record; empty, to be written in, without.

    Of several persons it is the one who came first of those whose role has not ended.
    """
    persons = [
        name_person(trial, person)
        for person, known in trial.people.items()
        if any(grant.role == "sponsor" and grant.until is None for grant in known.grants)
    ]
    return ", ".join(part for part in (protocol.trial.sponsor, *persons[:1]) if part)


def _kept(product: Intervention, say: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    if product.storage is None:
        return ()
    low, high = product.storage.temperature
    return ((say["keep at"], f"{low:g} to {high:g} °C" if say is WORDS["en"] else f"{low:g}～{high:g} °C"),)


def _local(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


WORDS: dict[str, dict[str, str]] = {
    "en": {
        "only": "For clinical trial use only. Return what is not used.",
        "carton": "Carton",
        "use by": "Use by",
        "route": "Route",
        "keep at": "Keep at",
        "participant": "Participant",
        "visit": "Visit",
        "kit": "Kit",
        "volume": "Volume",
        "prepared": "Prepared",
        "give before": "Give out before",
        "checked": "Checked by",
        "sponsor": "Sponsor",
    },
    "zh": {
        "only": "仅供临床试验使用。未使用者请退回。",
        "carton": "箱号",
        "use by": "有效期至",
        "route": "给药途径",
        "keep at": "贮藏温度",
        "participant": "受试者编号",
        "visit": "访视",
        "kit": "药盒号",
        "volume": "体积",
        "prepared": "配制",
        "give before": "发放截止时间",
        "checked": "核对人",
        "sponsor": "申办者",
    },
}
