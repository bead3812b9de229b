"""The end of the trial: kits brought back, signatures, freeze, lock, data cut, exports, all codes opened by both.

What must not be possible is tried on the way: to lock with open points, to change what is frozen or locked, to
open the codes before the lock, to open them with a wrong passphrase.
"""

from dataclasses import dataclass
from pathlib import Path

from ...conduct.closing.locks import CutData, HoldScope, LockTrial, Release
from ...conduct.closing.signatures import Sign, content_hash
from ...conduct.closing.unblinding import UnblindTrial
from ...conduct.door.state import FormEntry, Participant, Scope
from ...conduct.forms.entry import SaveForm
from ...trial.opened import Disclosed
from ...trial.steps import export_data, unblind_trial
from .calendar import Script
from .clinic import Depot
from .desk import Desk
from .quality import review_changes, verify_source
from .staff import MANAGER, MANAGES, SPONSOR, VirtualSite
from .vault_side import HOLDERS, PASSPHRASES, VaultSide

MEANING = "I have reviewed these data and they are complete and correct"


@dataclass
class Closing:
    """The steps that close a trial; `exports` is the folder in which the exported datasets are put."""

    desk: Desk
    vault: VaultSide
    depot: Depot
    exports: Path
    disclosed: Disclosed | None = None

    def close(self) -> Script:
        """Take all steps, an hour or a day between them."""
        desk = self.desk
        yield desk.calendar.later(10 * 24 * 60)
        self._refuse(LockTrial(), "a lock with open points")
        self._refuse(UnblindTrial(holders=(HOLDERS[0][0], HOLDERS[1][0])), "opening the codes before the lock",
                     SPONSOR, "sponsor")  # fmt: skip
        yield from self.depot.bring_back()
        yield from verify_source(desk)
        yield from review_changes(desk)
        for site in desk.sites:
            yield desk.calendar.later(24 * 60)
            yield from self._sign(site)
        yield desk.calendar.later(24 * 60)
        yield from self._freeze()
        yield from review_changes(desk)
        yield desk.calendar.later(24 * 60)
        through = desk.calendar.today("UTC")
        desk.for_all(MANAGER, MANAGES, CutData(through=through))
        yield desk.calendar.later(60)
        self._export(disclosed=None, purpose="blinded data for the review before unblinding")
        yield desk.calendar.later(60)
        desk.for_all(MANAGER, MANAGES, LockTrial())
        desk.counts["locks of the trial"] += 1
        yield desk.calendar.later(60)
        self._change_refused("a value after the lock")
        yield desk.calendar.later(60)
        self._open()
        yield desk.calendar.later(60)
        self._export(disclosed=self.disclosed, purpose="data for the analysis")

    def _sign(self, site: VirtualSite) -> Script:
        """Sign everybody who was allocated, and whoever else has a check that does not hold."""
        desk = self.desk
        for participant in self._at(site):
            raised = any(entry.raised for entry in participant.forms.values() if entry.removed is None)
            if participant.allocation is None and not raised:
                continue
            yield desk.calendar.later(3)
            self._signed(site, participant)

    def _signed(self, site: VirtualSite, participant: Participant) -> None:
        intent = Sign(participant=participant.id, meaning=MEANING, content=content_hash(participant))
        self.desk.at_site(site, "investigator", intent)
        self.desk.counts["signatures"] += 1

    def _freeze(self) -> Script:
        """Freeze each site; one is opened again for a correction, which breaks a signature."""
        desk = self.desk
        for site in desk.sites:
            yield desk.calendar.later(10)
            desk.for_all(MANAGER, MANAGES, HoldScope(scope=Scope(site=site.number), locked=False))
        found = self._correctable()
        if found is not None:
            site, participant, entry, item = found
            scope = Scope(site=site.number)
            yield desk.calendar.later(10)
            self._change_refused("a value at a frozen site")
            yield desk.calendar.later(10)
            desk.for_all(MANAGER, MANAGES, Release(scope=scope, reason="a text is to be made clearer"))
            yield desk.calendar.later(30)
            changed = self._change(participant, entry, item, reason="made clearer")
            desk.at_site(site, "coordinator", changed)
            desk.counts["values changed after a signature"] += 1
            yield desk.calendar.later(30)
            self._refuse(LockTrial(), "a lock over a broken signature")
            yield desk.calendar.later(30)
            self._signed(site, desk.participant(participant.id))
            yield desk.calendar.later(30)
            desk.for_all(MANAGER, MANAGES, HoldScope(scope=scope, locked=False))
        for site in desk.sites:
            yield desk.calendar.later(10)
            desk.for_all(MANAGER, MANAGES, HoldScope(scope=Scope(site=site.number), locked=True))

    def _at(self, site: VirtualSite) -> list[Participant]:
        return [one for one in self.desk.trial.participants.values() if one.site == site.number]

    def _correctable(self) -> tuple[VirtualSite, Participant, FormEntry, str] | None:
        """Find a text that could be made clearer, of an allocated participant who has not withdrawn consent."""
        for site in self.desk.sites:
            for participant in self._at(site):
                if participant.allocation is None or participant.consent_withdrawn_on is not None:
                    continue
                for entry in participant.forms.values():
                    items = self.desk.protocol.forms[entry.form].items
                    for name, value in entry.values.items():
                        if (
                            items[name].type == "text"
                            and items[name].derive is None
                            and value.value
                            and entry.visit
                        ):
                            return site, participant, entry, name
        return None

    def _change(
        self, participant: Participant, entry: FormEntry, item: str, reason: str | None = None
    ) -> SaveForm:
        repeats = self.desk.protocol.forms[entry.form].repeats
        return SaveForm(
            participant=participant.id,
            form=entry.form,
            visit=entry.visit,
            repeat=entry.repeat if repeats else None,
            on=entry.on,
            values={item: f"{entry.values[item].value} (checked)"},
            reason=reason,
        )

    def _change_refused(self, what: str) -> None:
        found = self._correctable()
        if found is not None:
            site, participant, entry, item = found
            changed = self._change(participant, entry, item, reason="made clearer")
            self.desk.refused(what, changed, site.person("coordinator"), "coordinator", site.zone)

    def _refuse(
        self, intent: LockTrial | UnblindTrial, what: str, person: str = MANAGER, role: str = MANAGES
    ) -> None:
        self.desk.refused(what, intent, person, role)

    def _open(self) -> None:
        """Open all codes by both holders; with one wrong passphrase nothing opens."""
        desk, by = self.desk, self.desk.by("holder.1", "key holder")
        wrong, key = (PASSPHRASES[0], "not the passphrase"), desk.key()
        desk.refused_step(
            "a wrong passphrase",
            lambda: unblind_trial(desk.running, self.vault.unblinded, by, wrong, key),
        )
        self.disclosed = unblind_trial(desk.running, self.vault.unblinded, by, PASSPHRASES, desk.key())

    def _export(self, *, disclosed: Disclosed | None, purpose: str) -> None:
        desk = self.desk
        blind = "blinded" if disclosed is None else "unblinded"
        by = desk.by("statistician", "trial statistician") if disclosed else desk.by(MANAGER, MANAGES)
        export_data(desk.running, by, self.exports / blind, purpose, disclosed=disclosed, request=desk.key())
        desk.counts[f"exports ({blind})"] += 1
