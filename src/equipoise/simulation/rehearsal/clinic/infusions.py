"""From the order of an infusion to the form that says it was given, and the code that is broken in an emergency.

The investigator orders by the weight on record, the vault computes the dose and numbers a bag, the pharmacist
gives it out, prepared from a kit and checked by a second person where the product has kits, the nurse infuses it
and writes the form the next morning, when the first night has passed.
"""

from collections.abc import Generator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from ....conduct.follow_up.infusions import InfusionOrdered, OrderInfusion
from ....conduct.forms.planned import GIVEN, products_planned_at
from ....conduct.supply.ledger import supplied_at
from ....trial.steps import break_code, issue_bag
from ....vault.bags import Bag, Preparation
from ..calendar import Script, at_site
from ..desk import Desk
from ..nature.records import variable_of
from ..vault_side import VaultSide
from .paperwork import Page, Paperwork
from .pharmacy import Pharmacy
from .team import Going, Measured


@dataclass
class Infusions:
    """The infusions of a trial, and its one emergency."""

    desk: Desk
    vault: VaultSide
    paperwork: Paperwork
    pharmacy: Pharmacy

    def give(self, going: Going, visit: str, on: date, measured: Measured) -> Script:
        """Order, prepare and give what the protocol plans at a visit; write the form of it, given or not."""
        desk, protocol = self.desk, self.desk.protocol
        participant = desk.participant(going.id)
        products = [name for name in products_planned_at(protocol, visit) if protocol.interventions[name].weight]
        forms = [(form, dict(values)) for form, _, values in measured if protocol.forms[form].sdtm in GIVEN]
        if (not products and not forms) or "treatment" in participant.ended:
            return
        bag: Bag | None = None
        if products and all(self._said(form, values, "OCCUR") != "N" for form, values in forms):
            yield desk.calendar.later(10)
            bag = yield from self._prepare(going, visit)
        if not forms:
            return
        yield at_site(going.site.zone, on + timedelta(days=1), 9, int(going.rng.integers(0, 50)))
        for form, values in forms:
            items = protocol.forms[form].items
            for name in values:
                if bag is not None and variable_of(items[name]) == "REFID" and items[name].type == "text":
                    values[name] = bag.number
            self.paperwork.save(Page(going.site, going.id, form, visit, on, values), going.rng, early=False)
            desk.counts[
                "infusions given" if self._said(form, values, "OCCUR") != "N" else "infusions not given"
            ] += 1

    def _prepare(self, going: Going, visit: str) -> Generator[datetime, None, Bag]:
        desk, site = self.desk, going.site
        events = desk.at_site(site, "investigator", OrderInfusion(participant=going.id, visit=visit))
        ordered = msgspec.json.decode(events[0].payload, type=InfusionOrdered)
        yield desk.calendar.later(20)
        product = supplied_at(desk.protocol, desk.participant(going.id), visit)
        if product is not None:
            yield from self.pharmacy.prepare(going, ordered.order, product)
        by = desk.by("pharmacist", "pharmacist", site.zone)
        bag = issue_bag(desk.running, self.vault.blinded, by, going.id, ordered.order, desk.key())
        if product is None:
            stamp = desk.stamp("pharmacist", "pharmacist", site.zone)
            self.vault.unblinded.call("show_preparation", Preparation, stamp=stamp, order=ordered.order)
        desk.counts["bags given out"] += 1
        return bag

    def break_code(self, going: Going, reason: str) -> None:
        """Break the code of a participant in an emergency: once in a trial, and only where there is a blind."""
        desk, site = self.desk, going.site
        if not desk.protocol.blinding.blinded or desk.counts["codes broken"]:
            return
        by = desk.by(site.person("investigator"), "investigator", site.zone)
        break_code(desk.running, self.vault.unblinded, by, going.id, reason, desk.key())
        desk.counts["codes broken"] += 1

    def _said(self, form: str, values: dict[str, Any], variable: str) -> Any:
        items = self.desk.protocol.forms[form].items
        return next((value for name, value in values.items() if variable_of(items[name]) == variable), None)
