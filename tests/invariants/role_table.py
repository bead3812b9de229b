"""What each role may do, typed in from the plan of the trial's roles and not read from the program.

A row is a role, a cell what it may do there: steps of conduct, handlers of the vault (`vault:`), questions whose
answers it is shown (`see:`). What stands in no cell must be refused. `EVERYBODY` may do so whatever the role.
"""

from typing import NamedTuple

EVERYBODY = ("ReportPasswordSet", "ReportPasswordRefused")

BLINDED = (
    *("investigator", "coordinator", "nurse", "assessor", "laboratory", "monitor", "data manager"),
    *("trial statistician", "sponsor", "administrator", "medical monitor", "auditor"),
)
UNBLINDED = (
    *("pharmacist", "safety board statistician", "unblinded monitor", "safety unblinder"),
    *("list custodian", "key holder"),
)
OPEN = ("safety board",)
"""The board itself: the protocol of the script leaves its side open."""

AT_A_SITE = ("investigator", "coordinator", "nurse", "assessor")

BLINDED_DOOR = (
    *("prepare_slot", "prepare_dose", "enter_masked", "report_envelope", "check_stopping", "pick_kit"),
    "enter_results",
)
"""What the vault answers at its blinded door."""

NAMES_NOBODY = ("holders", "show_disclosed")
"""What the vault answers without asking who: the holders' names, and what was opened for everybody."""

TABLE: dict[str, dict[str, tuple[str, ...]]] = {
    "coordinator": {
        "identities": ("ScreenParticipant", "ReadIdentity", "see:identities"),
        "enrolment": ("SignConsent", "WithdrawConsent", "MoveParticipant", "EndScreening", "ReopenScreening"),
        "visits": ("HoldVisit", "HoldUnscheduledVisit", "MissVisit", "CorrectVisitDate", "OrderInfusion"),
        "forms": ("SaveForm", "SaveForms", "RemoveForm", "EnterSecond", "see:forms", "see:completeness"),
        "masked values": ("vault:enter_masked",),
        "queries": ("AnswerQuery", "see:queries"),
        "harm": ("see:harm",),
        "kits": ("ReceiveShipment", "ReportExcursion", "ReturnKits", "see:stock"),
        "audit": ("see:trail", "see:signatures"),
    },
    "investigator": {
        "identities": ("ScreenParticipant", "ReadIdentity", "DestroyIdentity", "see:identities"),
        "enrolment": (
            *("SignConsent", "WithdrawConsent", "MoveParticipant", "EndScreening", "ReopenScreening"),
            "AssessEligibility",
        ),
        "numbers": ("AllocateParticipant", "CorrectStratum", "vault:prepare_slot"),
        "visits": ("HoldVisit", "HoldUnscheduledVisit", "MissVisit", "CorrectVisitDate", "OrderInfusion"),
        "forms": (
            "SaveForm",
            "SaveForms",
            "RemoveForm",
            "EnterSecond",
            "AdjudicateEntry",
            "see:forms",
            "see:completeness",
        ),
        "masked values": ("vault:enter_masked",),
        "queries": ("AnswerQuery", "see:queries"),
        "harm": ("see:harm",),
        "arm, of one": ("ReportCodeBreak", "vault:break_code", "vault:report_envelope"),
        "kits": ("see:stock",),
        "audit": ("see:trail", "see:signatures"),
        "signing": ("Sign",),
        "export of the own site": ("ExportData",),
    },
    "nurse": {
        "visits": ("HoldVisit", "HoldUnscheduledVisit", "MissVisit"),
        "forms": ("SaveForm", "SaveForms", "EnterSecond", "see:forms", "see:completeness"),
        "kits": ("ReceiveShipment", "ReportExcursion", "ReturnKits", "see:stock"),
        "signing of preparations": ("CheckPreparation",),
        "audit": ("see:trail",),
    },
    "assessor": {
        "forms": ("SaveForm", "SaveForms", "EnterSecond", "see:forms", "see:completeness"),
        "masked values": ("vault:enter_masked",),
    },
    "laboratory": {
        "forms": ("SaveForm", "SaveForms", "EnterSecond", "see:forms", "see:completeness"),
        "results": ("ImportResults", "SetReferenceRanges"),
        "masked values": ("vault:enter_masked", "vault:enter_results"),
    },
    "pharmacist": {
        "kits": (
            *("PackCartons", "SendShipment", "ReceiveShipment", "ReturnKits", "DestroyKits", "see:stock"),
            *("QuarantineCartons", "ReleaseCartons", "ReportExcursion"),
            *("vault:pack_cartons", "vault:show_packing", "vault:pick_kit"),
        ),
        "lots": ("vault:receive_lot", "vault:find_lot", "vault:lot_accounts"),
        "preparation": (
            *("AssignCarton", "NameKit", "SignPreparation", "CheckPreparation", "ReplaceCarton", "IssueBag"),
            *("vault:prepare_dose", "vault:show_preparation", "vault:record_preparation"),
            "vault:give_up_preparation",
        ),
        "masked values": ("vault:enter_masked", "vault:list_masked"),
        "arm, of one": ("ReportCodeBreak", "vault:report_envelope", "vault:print_envelopes"),
        "own stream": ("vault:show_record",),
    },
    "monitor": {
        "identities": ("ReadIdentity", "see:identities"),
        "forms": ("VerifySource", "see:forms", "see:completeness"),
        "queries": ("RaiseQuery", "CloseQuery", "ReviewTrail", "see:queries"),
        "harm": ("see:harm",),
        "kits": ("see:stock",),
        "audit": ("see:trail", "see:signatures"),
    },
    "unblinded monitor": {
        "kits": ("see:stock",),
        "lots": ("vault:find_lot", "vault:lot_accounts"),
        "preparation": ("vault:show_preparation",),
        "signing": ("vault:verify_accounts",),
        "masked values": ("vault:list_masked",),
        "own stream": ("vault:show_record",),
    },
    "data manager": {
        "forms": ("see:forms", "see:completeness"),
        "queries": ("RaiseQuery", "CloseQuery", "ReviewTrail", "see:queries"),
        "results": ("SetReferenceRanges", "EnterLaboratory"),
        "coding": ("LoadDictionary", "CodeTerms"),
        "harm": ("WatchClocks", "PauseEnrolment", "vault:check_stopping", "see:harm", "see:board"),
        "kits": ("see:stock",),
        "audit": ("see:trail", "see:signatures"),
        "lock": ("HoldScope", "Release", "CutData", "LockTrial", "UnlockTrial", "see:checklist"),
        "export": ("ExportData",),
    },
    "medical monitor": {
        "forms": ("see:forms", "see:completeness"),
        "queries": ("RaiseQuery", "CloseQuery", "ReviewTrail", "see:queries"),
        "coding": ("LoadDictionary", "CodeTerms", "CodeTerm"),
        "harm": (
            *("AssessCase", "MeetClock", "LiftClock", "WatchClocks", "PauseEnrolment"),
            *("vault:check_stopping", "see:harm", "see:board"),
        ),
        "audit": ("see:trail", "see:signatures", "see:checklist"),
    },
    "safety unblinder": {
        "harm": ("MeetClock", "WatchClocks", "PauseEnrolment", "vault:check_stopping", "see:harm"),
        "arm, of one": (
            *("ReportCodeBreak", "vault:break_code", "vault:open_case", "vault:record_report"),
            *("vault:report_envelope", "vault:print_envelopes"),
        ),
        "stopping rules": ("vault:show_stopping",),
        "lots": ("vault:find_lot",),
        "own stream": ("vault:show_record",),
    },
    "trial statistician": {
        "forms": ("see:forms", "see:completeness"),
        "queries": ("see:queries",),
        "harm": ("see:harm", "see:board"),
        "audit": ("see:trail", "see:signatures", "see:checklist"),
        "cuts": ("CutData",),
        "export": ("ExportData",),
    },
    "safety board": {"harm": ("see:harm", "see:board")},
    "safety board statistician": {
        "harm": ("see:harm", "see:board"),
        "arms of all, for a cut": ("vault:open_for_board", "vault:show_stopping"),
        "masked values": ("vault:list_masked",),
        "own stream": ("vault:show_record",),
    },
    "list custodian": {
        "list": ("AnnounceSchedule", "vault:announce", "vault:audit_list"),
        "after a restore": ("ReportReconciliation", "vault:reconcile"),
        "envelopes": ("vault:print_envelopes",),
        "ways in": ("OpenWayIn",),
        "own stream": ("vault:show_record",),
    },
    "key holder": {
        "arms of all, after the lock": ("UnblindTrial", "vault:unblind_all"),
        "ways in": ("OpenWayIn",),
        "envelopes": ("vault:print_envelopes",),
        "own stream": ("vault:show_record",),
    },
    "administrator": {
        "people": ("EnterPerson", "GrantRole", "EndRole", "AttestAccess", "see:access"),
        "ways in": ("GiveLink", "ResetSecondFactor"),
        "sites": ("OpenSite",),
        "harm": ("WatchClocks", "PauseEnrolment", "vault:check_stopping"),
        "drills": ("RecordDrill",),
    },
    "sponsor": {
        "people": ("EnterPerson", "GrantRole", "EndRole", "AttestAccess", "see:access"),
        "ways in": ("GiveLink", "ResetSecondFactor"),
        "sites": ("OpenSite", "ActivateSite", "CloseSite", "ApproveConsentDocument", "EnterLaboratory"),
        "protocol": ("IssueProtocol",),
        "list": ("AnnounceSchedule", "vault:announce"),
        "forms": ("see:forms", "see:completeness"),
        "queries": ("see:queries",),
        "harm": (
            *("MeetClock", "WatchClocks", "PauseEnrolment", "ResumeEnrolment"),
            *("vault:check_stopping", "see:harm", "see:board"),
        ),
        "kits": ("see:stock",),
        "audit": ("see:trail", "see:signatures", "see:checklist"),
        "arms of all, after the lock": ("UnblindTrial", "vault:unblind_all"),
    },
    "auditor": {
        "identities": ("ReadIdentity", "see:identities"),
        "forms": ("see:forms", "see:completeness"),
        "queries": ("see:queries",),
        "harm": ("see:harm", "see:board"),
        "kits": ("see:stock",),
        "people": ("see:access",),
        "audit": ("see:trail", "see:signatures", "see:checklist"),
        "copy": ("ExportData",),
    },
}


def listed(prefix: str = "") -> set[tuple[str, str]]:
    """Return every pair of a role and what it may do: steps, or with a prefix handlers or questions."""
    pairs = {(role, one) for role, cells in TABLE.items() for cell in cells.values() for one in cell}
    if prefix:
        return {(role, one.removeprefix(prefix)) for role, one in pairs if one.startswith(prefix)}
    return {(role, one) for role, one in pairs if ":" not in one} | {
        (role, one) for role in TABLE for one in EVERYBODY
    }


class Command(NamedTuple):
    """How a command is given after the trial's folder, and the roles that it is for.

    `words` may hold {by} and {role}; a command without {role} acts in the one role that it is for.
    """

    words: str
    roles: tuple[str, ...]


def who(*steps: str) -> tuple[str, ...]:
    """Return the roles that may do one of these, by the table."""
    return tuple(role for role in TABLE if any(one in cell for cell in TABLE[role].values() for one in steps))


NO_TRIAL = (
    *("new", "check", "diff", "schema", "design", "simulate", "rehearse", "analyse", "roles", "safety grades"),
    *("open", "paper", "qualify"),
)
"""Commands that ask no running trial for anything that somebody may not see, or begin one."""

FILES = ("serve", "vault", "archive", "verify", "witness", "backup", "restore")
"""Commands for whoever keeps the folder and, for the vault, the passphrases: no role of the trial is asked for."""

ONE_BY_ONE = ("step", "password")
"""Commands for everybody: a step asks for its own role, and a password is one's own."""

P, SITE, FIRST = "01-001", "01", "01-001/W0"
ACT = "--by {by} --role {role}"
LOOK = ACT

COMMANDS: dict[str, Command] = {
    "seal": Command(
        "--by {by} --holder holder.1 --holder holder.2 --share {new}/a --share {new}/b", ("list custodian",)
    ),
    "audit-list": Command("--by {by} --share {share} --share {share}", who("vault:audit_list")),
    "access": Command(LOOK, who("see:access")),
    "screen": Command(f"{SITE} {ACT} --identity {{person}}", who("ScreenParticipant")),
    "identity": Command(f"{P} {ACT} --reason visit", who("ReadIdentity")),
    "randomise": Command(f"{P} --by {{by}} --stratum site=01", who("AllocateParticipant")),
    "dose": Command(f"{P} {FIRST} --by {{by}} --show", who("IssueBag")),
    "supply lot": Command(
        "cells L1 --by {by} --arm canary_high --expiry 2027-01-01 --kits 3", who("vault:receive_lot")
    ),
    "supply pack": Command("cells 1 --by {by}", who("PackCartons")),
    "supply prepare": Command(f"{P} {FIRST} --by {{by}}", who("AssignCarton")),
    "supply trace": Command("L1 --by {by} --reason doubt", ("pharmacist",)),
    "supply stock": Command(LOOK, who("see:stock")),
    "supply label": Command(f"{{new}}/labels.pdf {LOOK}", who("see:stock")),
    "supply show": Command(f"{FIRST} {ACT}", who("vault:show_preparation")),
    "supply verify": Command("--by {by} --note seen", who("vault:verify_accounts")),
    "safety list": Command(LOOK, who("see:harm")),
    "safety watch": Command(ACT, who("WatchClocks")),
    "safety case": Command(f"{P} /adverse_event/1 --out {{new}}/case.pdf {LOOK}", who("see:harm")),
    "safety sent": Command(f"{P} /adverse_event/1 --to nmpa --not-due --by {{by}}", who("vault:record_report")),
    "safety board": Command(f"--out {{new}}/board {LOOK}", who("see:board")),
    "safety stopping": Command(ACT, who("vault:show_stopping")),
    "quality queries": Command(LOOK, who("see:queries")),
    "quality complete": Command(LOOK, who("see:completeness")),
    "quality verify": Command(LOOK, who("see:queries")),
    "quality review": Command(LOOK, who("see:queries")),
    "quality twice": Command(LOOK, who("see:queries")),
    "quality paper": Command(LOOK, who("see:completeness")),
    "quality reconcile": Command(LOOK, who("see:harm")),
    "quality dictionary": Command(f"events {{terms}} --name MedDRA --edition 1 {ACT}", who("LoadDictionary")),
    "quality code": Command(f"events --edition 1 {ACT}", who("CodeTerms")),
    "laboratory import": Command("{results} --manifest {manifest} --by {by}", who("ImportResults")),
    "laboratory ranges": Command(f"{{ranges}} --laboratory L {ACT}", who("SetReferenceRanges")),
    "laboratory results": Command(LOOK, who("see:forms")),
    "masked enter": Command(f"{P} hla_class_1 --visit W0 --form antibodies {ACT}", who("vault:enter_masked")),
    "masked list": Command(ACT, who("vault:list_masked")),
    "unblind": Command(f"--participant {P} --reason emergency {ACT}", who("vault:break_code")),
    "envelopes": Command(f"--site {SITE} --out {{new}}/envelopes.pdf {ACT}", who("vault:print_envelopes")),
    "report-envelope": Command(
        f"{P} {ACT} --opened-by Wei --opened-at 2026-05-01T01:00+08:00 --reason night",
        who("vault:report_envelope"),
    ),
    "sign": Command(f"{P} --by {{by}} --content 0", who("Sign")),
    "signatures": Command(LOOK, who("see:signatures")),
    "amend": Command("{protocol} --by {by} --issue", who("IssueProtocol")),
    "lock": Command(f"--check {LOOK}", who("see:checklist")),
    "export": Command(
        f"--out {{new}}/export --purpose test {ACT}", ("data manager", "trial statistician", "auditor")
    ),
    "odm": Command(
        f"--out {{new}}/odm.xml --purpose test {ACT}", ("data manager", "trial statistician", "auditor")
    ),
    "site-archive": Command(f"--site {SITE} --out {{new}}/site {ACT}", who("ExportData")),
    "history": Command(LOOK, who("see:trail")),
    "reconcile": Command(
        "--by {by} --signer a --signer a --reason restored --position site=01:1 --position site=02:1",
        who("vault:reconcile"),
    ),
    "drill": Command("--out {new}/drill --by {by}", who("RecordDrill")),
}
"""Every command that works on a running trial. Not here, it is in one of the three lists above."""
