"""The events of the vault's own record as sentences, for whoever reads it: what was done, never what was seen."""

from collections.abc import Mapping

from ..events import openings, oversight, safety, supply
from ..events.said import Said

_SAID: Mapping[type[Said], str] = {
    openings.ScheduleInstalled: "the sealed list was installed",
    openings.SlotPrepared: "an arm was drawn, and a place kept",
    openings.BagPrepared: "the dose of an order was computed",
    openings.PreparationShown: "the content of a bag was shown",
    openings.CodeBroken: "the code was broken",
    openings.EnvelopesPrinted: "the envelopes of a site were printed",
    openings.EnvelopeOpened: "the envelope was reported as opened",
    openings.MaskedValueEntered: "a value that would tell an arm was entered or changed",
    openings.TrialUnblinded: "all codes were opened by both holders",
    openings.VaultReconciled: "places were given up after a restore, and the gates opened",
    safety.StoppingRulesChecked: "the stopping rules were looked at",
    safety.StoppingShown: "it was shown which stopping rules have held",
    safety.CaseOpened: "the treatment was shown for the report of an adverse event",
    safety.ReportRecorded: "it was kept what became of a report to an authority",
    safety.BoardOpened: "all arms were shown for the safety board",
    supply.LotReceived: "a lot was taken in",
    supply.CartonsMade: "cartons were numbered and filled",
    supply.PackingShown: "the contents of cartons were shown",
    supply.KitChosen: "the kit for an order was named",
    supply.DosePrepared: "a dose was prepared from its kit",
    supply.PreparationGivenUp: "a preparation was given up",
    supply.LotTraced: "the cartons of a lot were looked up",
    supply.LotsAccounted: "the account by lot was shown",
    oversight.AccountsVerified: "kits, lots and preparations were signed as verified",
    oversight.ListAudited: "the list was made again and compared",
}
SENTENCES: Mapping[str, str] = {kind.__name__: sentence for kind, sentence in _SAID.items()}
"""By the kind of the event."""
