"""Signing in: password, then second factor; enrolment of the first device; signing out."""

import base64

import segno
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from django_otp import login as otp_login

from apps.accounts import services
from apps.accounts.errors import WrongCode
from apps.accounts.forms import CodeForm, SignInForm
from apps.accounts.models import Authenticator, User
from apps.common.scope import scoped

WELCOME = "/tenants/enter/"
ENROLLING = "enrolling_device"


@never_cache
@require_http_methods(["GET", "POST"])
def signin(request: HttpRequest) -> HttpResponse:
    """E-mail address and password. Says the same for a wrong address and a wrong password."""
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = authenticate(request, **form.cleaned_data)
        if isinstance(user, User):
            with scoped(user_id=user.pk):
                login(request, user, backend="apps.accounts.backends.PasswordBackend")
            return redirect(_with_next(request, "/signin/code/"))
        form.add_error(None, "That e-mail address and password do not match an account.")
    return _form(request, "accounts/signin.html", form)


@never_cache
@require_http_methods(["GET", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """A code from the app, or a recovery code."""
    user = _person(request)
    if not Authenticator.objects.filter(user=user, confirmed=True).exists():
        return redirect(_with_next(request, "/signin/enrol/"))
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            device = services.verify_sign_in(user=user, code=form.cleaned_data["code"])
        except WrongCode as error:
            form.add_error("code", error.message)
        else:
            otp_login(request, device)
            return redirect(_with_next(request, WELCOME))
    return _form(request, "accounts/second_factor.html", form)


@never_cache
@require_http_methods(["GET", "POST"])
def enrol(request: HttpRequest) -> HttpResponse:
    """Set up the first authenticator; ends with recovery codes, shown this once.

    A secret is shown to one session only: a thief of the password who looked at this page before
    its owner knows nothing of what the owner then sets up.
    """
    user = _person(request)
    if Authenticator.objects.filter(user=user, confirmed=True).exists():
        return redirect("accounts:second-factor")
    device = _device_being_enrolled(request, user)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            codes = services.confirm_enrolment(
                user=user, code=form.cleaned_data["code"], device_id=device.pk
            )
        except WrongCode as error:
            form.add_error("code", error.message)
        else:
            otp_login(request, Authenticator.objects.get(user=user, confirmed=True))
            return render(
                request, "accounts/recovery_codes.html", {"codes": codes, "go_on": WELCOME}
            )
    return _form(request, "accounts/enrol.html", form, **_enrolment_words(device))


@require_POST
def signout(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return redirect("accounts:signin")


def locked_out(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
    """Too many wrong passwords from here for this account."""
    return render(request, "accounts/locked_out.html", status=429)


def _form(request: HttpRequest, template: str, form: object, **more: object) -> HttpResponse:
    status = 422 if request.method == "POST" else 200
    return render(request, template, {"form": form, "next": _next(request), **more}, status=status)


def _device_being_enrolled(request: HttpRequest, user: User) -> Authenticator:
    """The unfinished device that this session was shown, else a new one in its place."""
    known = request.session.get(ENROLLING)
    rows = Authenticator.objects.filter(user=user, confirmed=False, pk=known)
    device: Authenticator = rows.first() or services.begin_enrolment(user=user)
    request.session[ENROLLING] = device.pk
    return device


def _enrolment_words(device: Authenticator) -> dict[str, str]:
    secret = base64.b32encode(device.bin_key).decode()
    address = services.otpauth_url(device)
    picture = segno.make(address, error="m").svg_data_uri(scale=5, border=2, dark="#082426")
    return {"secret": secret, "picture": picture}


def _person(request: HttpRequest) -> User:
    user = request.user
    assert isinstance(user, User)  # noqa: S101  the gate lets signed-in people through only
    return user


def _next(request: HttpRequest) -> str:
    target = request.POST.get("next") or request.GET.get("next") or ""
    return target if url_has_allowed_host_and_scheme(target, allowed_hosts=None) else ""


def _with_next(request: HttpRequest, target: str) -> str:
    onwards = _next(request)
    return f"{target}?{urlencode({'next': onwards})}" if onwards else target
