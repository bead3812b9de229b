"""Wrong one-time codes are counted; at the vault a second factor is set up by who was let in."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_token_asked")]

    operations = [
        migrations.AddField("account", "codes_failed", models.IntegerField(default=0)),
        migrations.AddField("account", "code_failed_at", models.DateTimeField(null=True)),
        migrations.AddField("account", "let_in_until", models.DateTimeField(null=True)),
    ]
