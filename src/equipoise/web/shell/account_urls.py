"""The addresses that both portals have: log in, second factor, language, role."""

from allauth.account import views as account
from allauth.mfa.base import views as second_factor
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from django.urls import path

from ..accounts import own, way_in
from . import views

urlpatterns = [
    path("accounts/login/", account.login, name="account_login"),
    path("accounts/logout/", account.logout, name="account_logout"),
    path("accounts/reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("account/", own.page, name="mfa_index"),
    path("account/password/", own.password, name="account_change_password"),
    path("account/sessions/", own.end_others, name="end_other_sessions"),
    path("accounts/2fa/authenticate/", second_factor.authenticate, name="mfa_authenticate"),
    path("accounts/2fa/reauthenticate/", second_factor.reauthenticate, name="mfa_reauthenticate"),
    path("accounts/2fa/totp/", way_in.set_up, name="mfa_activate_totp"),
    path("accounts/2fa/totp/off/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("accounts/2fa/codes/", recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("accounts/2fa/codes/new/", recovery.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("accounts/2fa/codes/file/", recovery.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("welcome/", views.welcome, name="welcome"),
    path("language/", views.choose_language, name="choose_language"),
    path("acting/", views.choose_role, name="choose_role"),
]
