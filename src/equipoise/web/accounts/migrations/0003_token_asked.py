"""Tokens of programs, and what was asked under which key."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def identity() -> Any:
    return models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


def account() -> Any:
    return models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_draft_expected")]

    operations = [
        migrations.CreateModel(
            name="Token",
            fields=[
                ("id", identity()),
                ("hash", models.CharField(max_length=64, unique=True)),
                ("role", models.CharField(max_length=100)),
                ("site", models.CharField(max_length=100, null=True)),
                ("blind", models.CharField(max_length=20)),
                ("purpose", models.CharField(max_length=100)),
                ("records", models.BooleanField(default=False)),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                ("account", account()),
            ],
        ),
        migrations.CreateModel(
            name="Asked",
            fields=[
                ("id", identity()),
                ("key", models.CharField(max_length=100)),
                ("content", models.CharField(max_length=64)),
                ("account", account()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=["account", "key"], name="one_request")],
            },
        ),
    ]
