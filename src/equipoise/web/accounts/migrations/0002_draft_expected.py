"""A draft knows what was on record when it was begun."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [migrations.AddField("draft", "expected", models.IntegerField(default=0))]
