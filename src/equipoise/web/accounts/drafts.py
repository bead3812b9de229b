"""Drafts: what somebody has typed on a form and not saved yet, kept through a lost connection or an ended session.

A draft is no data of the trial: it belongs to who typed it, and goes when the form is saved, or after a week.
"""

from collections.abc import Mapping
from datetime import timedelta

from django.utils import timezone

from .models import Account, Draft

KEPT = timedelta(days=7)


def keep_draft(
    account: Account,
    participant: str,
    record: str,
    typed: Mapping[str, str],
    missing: Mapping[str, str],
    expected: int,
) -> None:
    """Keep what somebody has typed on a form, in the place of what was kept before.

    expected: the number of the last event on the record that they saw, 0 for none.
    """
    said = {"typed": dict(typed), "missing": dict(missing), "expected": expected, "kept_at": timezone.now()}
    Draft.objects.update_or_create(account=account, participant=participant, record=record, defaults=said)
    Draft.objects.filter(kept_at__lt=timezone.now() - KEPT).delete()


def read_draft(account: Account, participant: str, record: str) -> Draft | None:
    """Return what somebody has typed on a form and not saved; None where there is nothing."""
    return Draft.objects.filter(account=account, participant=participant, record=record).first()


def drop_draft(account: Account, participant: str, record: str) -> None:
    """Forget a draft, because the form was saved."""
    Draft.objects.filter(account=account, participant=participant, record=record).delete()
