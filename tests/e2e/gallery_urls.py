"""The console's routes, and one page that shows every part that pages are made of."""

from datetime import timedelta
from pathlib import Path

from django import forms
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.utils import timezone

from apps.common.errors import Invalid
from apps.common.pages import page
from apps.common.routes import VERIFIED, route
from console import urls

TEMPLATE = (Path(__file__).parent / "gallery.html").read_text()


class PlainForm(forms.Form):
    """A Django form without any widget of ours."""

    agree = forms.BooleanField(label="I have read it", required=False)
    kind = forms.ChoiceField(
        label="Kind", choices=[("a", "First"), ("b", "Second")], widget=forms.RadioSelect
    )


def gallery(request: HttpRequest) -> HttpResponse:
    """Every part with made-up values."""
    now = timezone.now()
    context = {
        "past": now - timedelta(hours=2),
        "soon": now + timedelta(minutes=11),
        "form": PlainForm(),
        "error": Invalid("Nobody has an account with that address.", field="email"),
        "bad": Invalid("That code is wrong or was used before.", field="code"),
        "whole": Invalid("The request changed while you read it."),
        "roles": [("a", "Tenant admin"), ("b", "Auditor")],
    }
    response = page(request, "console/page.html", context, title="Contract Copilot")
    response.template_name = engines["django"].from_string(TEMPLATE)
    return response


urlpatterns = [route("parts/", gallery, name="parts", policy=VERIFIED), *urls.urlpatterns]
