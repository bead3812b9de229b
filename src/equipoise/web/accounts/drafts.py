"""Drafts: what somebody has typed on a form and not saved yet, kept through a lost connection or an ended session.

A draft is no data of the trial: it belongs to who typed it, and goes when the form is saved, or after a week.
"""

from collections.abc import Mapping
from datetime import timedelta

from django.utils import timezone

from .models import Account, Draft

KEPT = timedelta(days=7)


def keep_draft(
    account: Account, participant: str, record: str, typed: Mapping[str, str], missing: Mapping[str, str]
) -> None:
    """Keep what somebody has typed on a form, in the place of what was kept before."""
    said = {"typed": dict(typed), "missing": dict(missing), "kept_at": timezone.now()}
    Draft.objects.update_or_create(account=account, participant=participant, record=record, defaults=said)
    Draft.objects.filter(kept_at__lt=timezone.now() - KEPT).delete()


def read_draft(account: Account, participant: str, record: str) -> tuple[dict[str, str], dict[str, str]] | None:
    """Return what somebody has typed on a form and not saved; None where there is nothing."""
    found = Draft.objects.filter(account=account, participant=participant, record=record).first()
    return None if found is None else (found.typed, found.missing)


def drop_draft(account: Account, participant: str, record: str) -> None:
    """Forget a draft, because the form was saved."""
    Draft.objects.filter(account=account, participant=participant, record=record).delete()
