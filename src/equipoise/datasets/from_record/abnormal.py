"""Laboratory results outside their range or with a toxicity grade, for the investigator to look at."""

from collections.abc import Sequence

import msgspec

from ...conduct.door.state import Trial
from ...conduct.organisation.joined import join_versions
from ...protocol import Protocol, protocol_version
from .sdtm.findings import write_findings
from .sdtm.study import Study


class AbnormalResult(msgspec.Struct, frozen=True, kw_only=True):
    """A result to look at: where it stands, what was reported, the range in the same unit, indicator and grade."""

    participant: str
    site: str
    record: str
    collected: str
    test: str
    result: str
    unit: str
    low: str
    high: str
    indicator: str
    grade: int | None
    toxicity: str
    laboratory: str
    accession: str


def list_abnormal(
    protocol: Protocol, trial: Trial, *, earlier: Sequence[Protocol] = (), grade: int = 0
) -> list[AbnormalResult]:
    """List the results of LB that are below or above their range, or graded 1 or more; the gravest first.

    grade: only those of this grade or more; 0 for all that are abnormal. As blinded as an export without codes.
    """
    study = Study(join_versions([*earlier, protocol]), trial, None, version=protocol_version(protocol))
    sites = {f"{study.id}-{one.id}": (one.id, one.site) for one in trial.participants.values()}
    if not study.forms_of("LB"):
        return []
    found = []
    for row in write_findings(study, "LB")[0].frame.iter_rows(named=True):
        graded = row.get("LBTOXGR")
        reached = int(graded) if graded is not None else None
        outside = row["LBNRIND"] in ("LOW", "HIGH")
        if not (outside or reached) or (reached or 0) < grade:
            continue
        participant, site = sites[row["USUBJID"]]
        found.append(
            AbnormalResult(
                participant=participant,
                site=site,
                record=row["LBSPID"],
                collected=row["LBDTC"],
                test=row["LBTESTCD"],
                result=row["LBORRES"],
                unit=row["LBORRESU"] or "",
                low=row["LBORNRLO"] or "",
                high=row["LBORNRHI"] or "",
                indicator=row["LBNRIND"] or "",
                grade=reached,
                toxicity=row.get("LBTOX") or "",
                laboratory=row.get("LBNAM") or "",
                accession=row.get("LBREFID") or "",
            )
        )
    return sorted(found, key=lambda one: (-(one.grade or 0), one.participant, one.collected, one.test))
