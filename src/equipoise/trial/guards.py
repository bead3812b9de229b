"""What the database itself refuses, whoever asks and by whatever door: the last line behind the decisions.

A decision in Python comes first and explains itself. But a shell, a script or a fault may speak to the database
directly, with the rights of the blinded role. So triggers keep four rules there too: locked data take no event; a
slot is taken only for a participant whom the record shows as consenting, eligible and at an active site, and not
while enrolment is paused; a slot that was taken has its one event in the record by the end of the transaction, and
no such event stands there without its slot; so have an identity that was stored and one that was destroyed (ICH
E6(R3) 3.16.1(p) and 4.3.4). What hangs on the values of forms only the decision can judge.

SQLSTATEs of our own: QG001 the data are locked; QG002 the record does not allow an allocation; QG003 a slot is
taken without its event; QG004 an allocation is recorded without its slot; QG005 an identity and its events differ.
"""

from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Literal

from ..conduct.door.fact import Fact
from ..conduct.enrolment.allocation import ParticipantAllocated, StratumCorrected
from ..conduct.enrolment.consent import ConsentSigned, ConsentWithdrawn
from ..conduct.enrolment.ending import ScreeningEnded, ScreeningReopened
from ..conduct.enrolment.moving import ParticipantMoved
from ..conduct.enrolment.screening import EligibilityAssessed, ParticipantScreened
from ..conduct.follow_up.deviations import DeviationLifted, DeviationNoted
from ..conduct.follow_up.infusions import BagIssued, InfusionOrdered
from ..conduct.follow_up.leaving import EndingAnnulled, ParticipantEnded
from ..conduct.follow_up.visits import VisitDateCorrected, VisitHeld, VisitMissed, VisitWindowJudged
from ..conduct.forms.entry import FormRemoved, FormSaved
from ..conduct.laboratory.ranges import LaboratoryEntered, ReferenceRangesSet
from ..conduct.laboratory.results import ResultsImported
from ..conduct.quality.coding import TermCoded
from ..conduct.quality.second_entry import EntryAdjudicated, SecondEntrySaved
from ..conduct.supply.preparation import (
    CartonAssigned,
    CartonReplaced,
    KitNamed,
    PreparationChecked,
    PreparationSigned,
)
from .supply.stock_guard import set_stock_guard

GUARDED = "QG"
"""How the SQLSTATEs of the guards begin."""

DATA: tuple[type[Fact], ...] = (
    ParticipantScreened,
    ConsentSigned,
    ConsentWithdrawn,
    ParticipantMoved,
    ScreeningEnded,
    ScreeningReopened,
    EligibilityAssessed,
    ParticipantAllocated,
    StratumCorrected,
    VisitHeld,
    VisitMissed,
    VisitDateCorrected,
    VisitWindowJudged,
    InfusionOrdered,
    BagIssued,
    DeviationNoted,
    DeviationLifted,
    ParticipantEnded,
    EndingAnnulled,
    FormSaved,
    FormRemoved,
    TermCoded,
    SecondEntrySaved,
    EntryAdjudicated,
    LaboratoryEntered,
    ReferenceRangesSet,
    ResultsImported,
    CartonAssigned,
    KitNamed,
    PreparationSigned,
    PreparationChecked,
    CartonReplaced,
)
"""Facts that are data of the trial: what a lock closes."""

AT_SITES = ("investigator", "coordinator", "nurse", "assessor", "laboratory", "pharmacist")
"""Roles that a freeze keeps from changing data."""

LOCKS = """
CREATE SCHEMA guard;

CREATE TABLE guard.hold (
    site text, participant text, visit text, form text, locked boolean NOT NULL,
    UNIQUE NULLS NOT DISTINCT (site, participant, visit, form)
);

CREATE FUNCTION guard.keep_holds() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    said jsonb := new.payload::jsonb;
    scope jsonb := coalesce(said -> 'scope', '{{}}');
BEGIN
    IF new.kind IN ('ScopeReleased', 'TrialUnlocked') THEN
        DELETE FROM guard.hold h WHERE (h.site, h.participant, h.visit, h.form) IS NOT DISTINCT FROM
            (scope ->> 'site', scope ->> 'participant', scope ->> 'visit', scope ->> 'form');
    ELSE
        INSERT INTO guard.hold AS h VALUES (
            scope ->> 'site', scope ->> 'participant', scope ->> 'visit', scope ->> 'form',
            coalesce((said ->> 'locked')::boolean, new.kind = 'TrialLocked'))
        ON CONFLICT (site, participant, visit, form) DO UPDATE SET locked = h.locked OR excluded.locked;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER keep_holds AFTER INSERT ON record.event FOR EACH ROW
    WHEN (new.kind IN ('ScopeHeld', 'ScopeReleased', 'TrialLocked', 'TrialUnlocked'))
    EXECUTE FUNCTION guard.keep_holds();

CREATE FUNCTION guard.refuse_locked() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    said jsonb := new.payload::jsonb;
BEGIN
    IF EXISTS (
        SELECT FROM guard.hold h
        WHERE (h.locked OR new.role IN ({at_sites}))
            AND (h.site IS NULL OR h.site = new.site)
            AND (h.participant IS NULL OR h.participant = new.participant)
            AND (h.visit IS NULL
                OR h.visit = coalesce(said ->> 'visit', said ->> 'key', split_part(said ->> 'order', '/', 2), ''))
            AND (h.form IS NULL OR h.form = coalesce(said ->> 'form', ''))
    ) THEN
        RAISE EXCEPTION 'these data are locked; nothing was stored' USING ERRCODE = 'QG001';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER refuse_locked BEFORE INSERT ON record.event FOR EACH ROW
    WHEN (new.kind IN ({data})) EXECUTE FUNCTION guard.refuse_locked();
"""

SLOTS = """
CREATE FUNCTION guard.may_be_allocated(who text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    WITH consent AS (
        SELECT site, zone, payload::jsonb ->> 'language' AS language, payload::jsonb ->> 'signed_on' AS signed_on
        FROM record.event WHERE participant = who AND kind = 'ConsentSigned'
        ORDER BY payload::jsonb ->> 'signed_on' DESC LIMIT 1
    ), now AS (
        SELECT at FROM record.event ORDER BY sequence DESC LIMIT 1
    )
    SELECT EXISTS (
        SELECT FROM record.event screened
        JOIN record.event active ON active.kind = 'SiteActivated'
            AND active.payload::jsonb ->> 'site' = screened.site
            AND active.payload::jsonb ->> 'protocol' = screened.payload::jsonb ->> 'protocol'
        WHERE screened.participant = who AND screened.kind = 'ParticipantScreened' AND NOT EXISTS (
            SELECT FROM record.event closed
            WHERE closed.kind = 'SiteClosed' AND closed.payload::jsonb ->> 'site' = screened.site
        )
    ) AND EXISTS (
        SELECT FROM consent
    ) AND NOT EXISTS (  -- a form that asks for a new signature, and was not signed yet
        SELECT FROM consent, now, record.event asked
        WHERE asked.kind = 'ConsentDocumentApproved' AND (asked.payload::jsonb ->> 'renew')::boolean
            AND asked.payload::jsonb ->> 'site' = consent.site
            AND asked.payload::jsonb ->> 'language' = consent.language
            AND asked.payload::jsonb ->> 'valid_from' > consent.signed_on
            AND asked.payload::jsonb ->> 'valid_from' <= to_char(now.at AT TIME ZONE consent.zone, 'YYYY-MM-DD')
    ) AND NOT EXISTS (
        SELECT FROM record.event WHERE participant = who AND kind IN ('ConsentWithdrawn', 'ParticipantAllocated')
    ) AND coalesce((
        SELECT kind FROM record.event WHERE kind IN ('EnrolmentPaused', 'EnrolmentResumed')
        ORDER BY sequence DESC LIMIT 1
    ), '') <> 'EnrolmentPaused' AND coalesce((
        SELECT kind FROM record.event WHERE participant = who AND kind IN ('ScreeningEnded', 'ScreeningReopened')
        ORDER BY sequence DESC LIMIT 1
    ), '') <> 'ScreeningEnded' AND coalesce((
        SELECT (payload::jsonb ->> 'eligible')::boolean FROM record.event
        WHERE participant = who AND kind = 'EligibilityAssessed' ORDER BY sequence DESC LIMIT 1
    ), false);
END;

CREATE FUNCTION guard.require_allocatable() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT guard.may_be_allocated(new.participant) THEN
        RAISE EXCEPTION 'the record does not allow this participant to be allocated; nothing was stored'
            USING ERRCODE = 'QG002';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER require_allocatable BEFORE INSERT ON vault.allocation
    FOR EACH ROW EXECUTE FUNCTION guard.require_allocatable();

CREATE FUNCTION guard.require_its_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM record.event WHERE participant = new.participant AND kind = 'ParticipantAllocated'
    ) THEN
        RAISE EXCEPTION 'a slot cannot be taken without its event in the record; nothing was stored'
            USING ERRCODE = 'QG003';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER require_its_event AFTER INSERT ON vault.allocation DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION guard.require_its_event();

CREATE FUNCTION guard.require_its_slot() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM vault.allocation
        WHERE participant = new.participant AND number = new.payload::jsonb ->> 'number'
    ) THEN
        RAISE EXCEPTION 'an allocation cannot be recorded without its slot; nothing was stored'
            USING ERRCODE = 'QG004';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER require_its_slot BEFORE INSERT ON record.event FOR EACH ROW
    WHEN (new.kind = 'ParticipantAllocated') EXECUTE FUNCTION guard.require_its_slot();

CREATE UNIQUE INDEX once_a_participant ON record.event (participant, kind)
    WHERE kind IN ('ParticipantScreened', 'ParticipantAllocated', 'IdentityDestroyed');
"""

IDENTITIES = """
CREATE FUNCTION guard.require_agreement() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    who text := coalesce(new.participant, old.participant);
    screened boolean := EXISTS (SELECT FROM record.event WHERE participant = who AND kind = 'ParticipantScreened');
    destroyed boolean := EXISTS (SELECT FROM record.event WHERE participant = who AND kind = 'IdentityDestroyed');
BEGIN
    IF EXISTS (SELECT FROM identity.person WHERE participant = who) <> screened
        OR EXISTS (SELECT FROM identity.key WHERE participant = who) <> (screened AND NOT destroyed) THEN
        RAISE EXCEPTION 'an identity is stored with its screening and destroyed with its event; nothing was stored'
            USING ERRCODE = 'QG005';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER require_agreement AFTER INSERT ON identity.person DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION guard.require_agreement();
CREATE CONSTRAINT TRIGGER require_agreement AFTER INSERT OR DELETE ON identity.key DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION guard.require_agreement();
CREATE CONSTRAINT TRIGGER require_agreement AFTER INSERT ON record.event DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (new.kind IN ('ParticipantScreened', 'IdentityDestroyed'))
    EXECUTE FUNCTION guard.require_agreement();
"""


def set_guards(connection: Connection[TupleRow]) -> None:
    """Put the guards in place, as the owner of record, vault and identities, in one transaction."""
    parts = {
        "at_sites": SQL(", ").join(map(Literal, AT_SITES)),
        "data": SQL(", ").join(Literal(fact.__name__) for fact in DATA),
    }
    with connection.transaction():
        connection.execute(SQL(LOCKS).format(**parts))
        connection.execute(SQL(SLOTS))
        connection.execute(SQL(IDENTITIES))
        set_stock_guard(connection)
