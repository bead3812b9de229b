"""The scripted trial with everything that safety asks for: awareness, causality, authorities, a rule by arm."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.invariants.scripted import SITES, TRIAL, Mode, Scripted, begin, let_in

from equipoise.conduct.forms.entry import SaveForm

MONITOR, STATISTICIAN, UNBLINDER = "medical monitor", "safety board statistician", "safety unblinder"
RECORD = "/adverse_event/1"
FORM = """\
      ae_term: {label: Event, type: text, sdtm: AETERM}
      ae_started: {label: Start, type: date, critical: true, sdtm: AESTDTC}
      ae_serious: {label: Serious, type: yes or no, sdtm: AESER}
      ae_life: {label: Life-threatening, type: yes or no, required: false, sdtm: AESLIFE}
      ae_aware: {label: Site aware, type: date and time, required: false, required_when: ae_serious = 'Y'}
      ae_causality:
        label: Related
        type: code
        codes: {RELATED: Related, NOT RELATED: Not related}
        required: false
        sdtm: AEREL
"""
SAFETY = """
safety:
  grading: {adverse_event: CTCAE 5.0, laboratory: DAIDS 2.1}
  serious: {report_within: 24 h, aware: ae_aware}
  suspected_unexpected: {fatal: 7 d, complete: 8 d, other: 15 d}
  authorities:
    nmpa: {label: NMPA, zone: Asia/Shanghai}
    bfarm: {label: BfArM, zone: Europe/Berlin}
  stopping_rules:
    embolism:
      text: Two participants of one arm with a related embolism
      rule: LOWER(term) LIKE '%embolism%' AND causality = 'RELATED'
      at_least: 2
      in_one_arm: true

analysis_sets:
"""
PLAIN = """\
      ae_term: {label: Event, type: text, sdtm: AETERM}
      ae_started: {label: Start, type: date, critical: true, sdtm: AESTDTC}
      ae_serious: {label: Serious, type: yes or no, sdtm: AESER}
"""


def write_protocol(home: Path) -> Path:
    """Write the protocol of the scripted trial with its section on safety."""
    text = TRIAL.read_text(encoding="utf-8")
    for old, new in (
        (PLAIN, FORM),
        ("\nanalysis_sets:\n", SAFETY),
        ("    at: [W0, W4]\n", "    at: [W0, W4]\n    expected: [Fever]\n"),
        ("  cd4: {method: ancova", "  harm: {method: adverse events, set: full}\n  cd4: {method: ancova"),
    ):
        assert old in text, old
        text = text.replace(old, new, 1)
    (home / "safety.yaml").write_text(text, encoding="utf-8")
    return home / "safety.yaml"


def begin_ward(home: Path, *, mode: Mode = "rehearsal") -> Scripted:
    """Begin the trial, with the people who watch over safety; the database is that of DATABASE_URL."""
    script = begin(home / "trial", source=write_protocol(home), mode=mode, flush=False)
    for role in (MONITOR, STATISTICIAN):
        let_in(script, role, role)
    script.running.book.flush()
    return script


def report(script: Scripted, participant: str, **changed: Any) -> list[str]:
    """Enter a serious event of which the site became aware an hour ago; return the kinds of what was recorded."""
    site = script.participant(participant).site
    aware = script.now().astimezone(ZoneInfo(SITES[site])) - timedelta(hours=1)
    values = {
        "ae_term": "Pulmonary embolism",
        "ae_started": str(aware.date()),
        "ae_serious": "Y",
        "ae_aware": f"{aware:%Y-%m-%dT%H:%M}",
        "ae_causality": "RELATED",
        **changed,
    }
    intent = SaveForm(participant=participant, form="adverse_event", on=script.today(site), values=values)
    return [event.kind for event in script.do(intent, "investigator")]
