"""The settings of the two portals, made from the trial's folder: nothing is configured that the folder can tell.

The blinded portal and the pages of the vault are two processes with nothing in common but these words: each has
its own addresses, tables, cookies and role in the database.

Security: OWASP ASVS 4.0 chapters 2, 3 and 14. Everything comes from this host, nothing in a page is inline, a
session ends with its idle time.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from ...conduct.organisation.wall import Side
from ...record import Role
from ...trial.folder import TrialFolder

_HERE = Path(__file__).parent.parent
IDLE_MINUTES = 30
"""How long a session lives without anything being asked of it."""

CONTENT = (
    "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; "
    "object-src 'none'"
)
"""The Content-Security-Policy of every page: no inline script, no inline style, nothing from elsewhere."""


@dataclass(frozen=True)
class Portal:
    """One of the two portals: its name, the role and schema of its tables, its addresses and its own pages."""

    name: Side
    role: Role
    schema: str
    urls: str
    pages: tuple[str, ...]


BLINDED = Portal(
    "blinded",
    "portal",
    "portal",
    "equipoise.web.shell.urls",
    (
        "equipoise.web.pages.organisation",
        "equipoise.web.pages.supply",
        "equipoise.web.pages.site",
        "equipoise.web.pages.quality",
        "equipoise.web.pages.oversight",
        "equipoise.web.api",
    ),
)
UNBLINDED = Portal(
    "unblinded", "vault", "vault_portal", "equipoise.web.vault_pages.urls", ("equipoise.web.vault_pages",)
)


@dataclass(frozen=True)
class Serving:
    """How a portal is reached: host names that it answers to, whether browsers come by TLS.

    second_factor: whether everybody must have one; only a demonstration goes without.
    """

    hosts: Sequence[str] = ("localhost", "127.0.0.1")
    secure: bool = True
    second_factor: bool = True


def portal_settings(portal: Portal, folder: TrialFolder, url: str, serving: Serving) -> dict[str, Any]:
    """Return the settings of Django for a portal of a trial; `url` is that of the role of its accounts."""
    database = conninfo_to_dict(url)
    return {
        "DEBUG": False,
        "SECRET_KEY": hashlib.sha256(portal.schema.encode() + folder.key("portal")).hexdigest(),
        "ALLOWED_HOSTS": list(serving.hosts),
        "INSTALLED_APPS": [
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.messages",
            "django.contrib.staticfiles",
            "axes",
            "allauth",
            "allauth.account",
            "allauth.mfa",
            "equipoise.web.accounts",
            "equipoise.web.shell",
            *portal.pages,
        ],
        "MIDDLEWARE": [
            "django.middleware.security.SecurityMiddleware",
            "equipoise.web.shell.here.ContentPolicyMiddleware",
            "django.middleware.clickjacking.XFrameOptionsMiddleware",
            "whitenoise.middleware.WhiteNoiseMiddleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.locale.LocaleMiddleware",
            "django.middleware.common.CommonMiddleware",
            "equipoise.web.shell.parts.PartsMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
            "allauth.account.middleware.AccountMiddleware",
            "equipoise.web.shell.here.HereMiddleware",
            "axes.middleware.AxesMiddleware",
        ],
        "ROOT_URLCONF": portal.urls,
        "TEMPLATES": [
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [_HERE / "shell" / "templates"],
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                    ],
                    "builtins": ["equipoise.web.shell.templatetags.words"],
                },
            }
        ],
        "DATABASES": {
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": database.get("dbname"),
                "USER": database.get("user"),
                "PASSWORD": database.get("password") or "",
                "HOST": database.get("host") or "",
                "PORT": database.get("port") or "",
                "OPTIONS": {"options": f"{database.get('options') or ''} -c search_path={portal.schema}".strip()},
                "CONN_MAX_AGE": 600,
                "CONN_HEALTH_CHECKS": True,
            }
        },
        "AUTH_USER_MODEL": "accounts.Account",
        "AUTHENTICATION_BACKENDS": [
            "axes.backends.AxesStandaloneBackend",
            "allauth.account.auth_backends.AuthenticationBackend",
        ],
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "LOGIN_URL": "account_login",
        "LOGIN_REDIRECT_URL": "/",
        "ACCOUNT_ADAPTER": "equipoise.web.accounts.adapter.PersonAdapter",
        "ACCOUNT_LOGIN_METHODS": {"username"},
        "ACCOUNT_SIGNUP_FIELDS": ["username*", "password1*"],
        "ACCOUNT_USER_MODEL_USERNAME_FIELD": "person",
        "ACCOUNT_USER_MODEL_EMAIL_FIELD": None,
        "ACCOUNT_EMAIL_VERIFICATION": "none",
        "ACCOUNT_SESSION_REMEMBER": False,
        "ACCOUNT_LOGOUT_ON_GET": False,
        "ACCOUNT_LOGOUT_REDIRECT_URL": "account_login",
        "ACCOUNT_REAUTHENTICATION_TIMEOUT": 300,
        "ACCOUNT_FORMS": {"login": "equipoise.web.accounts.forms.LogIn"},
        "MFA_ADAPTER": "equipoise.web.accounts.adapter.SecondFactorAdapter",
        "MFA_SUPPORTED_TYPES": ["totp", "recovery_codes"],
        "MFA_FORMS": {
            "authenticate": "equipoise.web.accounts.forms.LogInByCode",
            "reauthenticate": "equipoise.web.accounts.forms.ProveByCode",
        },
        "MFA_TOTP_TOLERANCE": 1,  # half minutes by which the clock of a telephone may differ (RFC 6238 5.2)
        "MFA_TOTP_ISSUER": f"Equipoise {folder.trial}",
        "AXES_FAILURE_LIMIT": 5,
        "AXES_COOLOFF_TIME": 0.25,
        "AXES_LOCKOUT_PARAMETERS": [["username", "ip_address"]],
        "AXES_USERNAME_CALLABLE": "equipoise.web.accounts.forms.typed_name",
        "AXES_RESET_ON_SUCCESS": True,
        "AXES_ENABLE_ADMIN": False,
        "AXES_LOCKOUT_TEMPLATE": "account/locked_out.html",
        "AXES_SENSITIVE_PARAMETERS": ["password"],
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.PBKDF2PasswordHasher"],
        "SESSION_ENGINE": "django.contrib.sessions.backends.db",
        "MESSAGE_STORAGE": "django.contrib.messages.storage.session.SessionStorage",
        "SESSION_COOKIE_NAME": f"equipoise-{portal.name}",
        "SESSION_COOKIE_AGE": IDLE_MINUTES * 60,
        "SESSION_SAVE_EVERY_REQUEST": True,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Strict",
        "SESSION_COOKIE_SECURE": serving.secure,
        "SESSION_EXPIRE_AT_BROWSER_CLOSE": True,
        "CSRF_COOKIE_SECURE": serving.secure,
        "CSRF_COOKIE_HTTPONLY": True,
        "CSRF_COOKIE_SAMESITE": "Strict",
        "CSRF_USE_SESSIONS": True,
        "CSRF_FAILURE_VIEW": "equipoise.web.shell.views.outdated",
        "SECURE_CONTENT_TYPE_NOSNIFF": True,
        "SECURE_REFERRER_POLICY": "same-origin",
        "SECURE_CROSS_ORIGIN_OPENER_POLICY": "same-origin",
        "SECURE_HSTS_SECONDS": 31536000 if serving.secure else 0,
        "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https") if serving.secure else None,
        "X_FRAME_OPTIONS": "DENY",
        "LANGUAGE_CODE": "en",
        "LANGUAGES": [("en", "English"), ("zh-hans", "中文")],
        "LANGUAGE_COOKIE_SAMESITE": "Strict",
        "LANGUAGE_COOKIE_HTTPONLY": True,
        "LANGUAGE_COOKIE_SECURE": serving.secure,
        "USE_TZ": True,
        "TIME_ZONE": "UTC",
        "STATIC_URL": "/static/",
        "STATICFILES_DIRS": [_HERE / "static"],
        "WHITENOISE_USE_FINDERS": True,
        "WHITENOISE_MAX_AGE": 86400,
        "EQUIPOISE_CONTENT": CONTENT,
        "EQUIPOISE_PORTAL": portal,
        "EQUIPOISE_SECOND_FACTOR": serving.second_factor,
        "LOGGING": {"version": 1, "disable_existing_loggers": False},
    }
