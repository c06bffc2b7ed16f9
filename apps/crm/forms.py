"""The form that connects an org. The service decides; the form only arranges the questions."""

from typing import Any

from django import forms
from django.http import QueryDict

from apps.common.errors import Invalid
from apps.crm.models import Connection
from apps.crm.services import Typed
from apps.residency.models import Zone

SECRETS = ("private_key", "client_secret", "refresh_token")


class ConnectForm(forms.Form):
    """Which org, where its data is, and how the console signs in."""

    name = forms.CharField(label="Name in this console", help_text="For example acme-prod.")
    host = forms.CharField(
        label="My Domain host",
        help_text="Setup, My Domain, Current My Domain URL, without https://. For example"
        " acme.my.salesforce.com.",
    )
    zone_id = forms.ChoiceField(
        label="Zone", help_text="Where this org's data is held, by contract."
    )
    flow = forms.ChoiceField(
        label="Way to sign in",
        choices=Connection.Flow.choices,
        widget=forms.RadioSelect,
        initial=Connection.Flow.JWT_BEARER,
    )
    client_id = forms.CharField(
        label="Consumer key", help_text="From the external client app's OAuth settings."
    )
    username = forms.CharField(
        label="User name in the org",
        help_text="The integration user that the console acts as.",
    )
    private_key = forms.CharField(
        label="Private key (PEM)",
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
        help_text="RSA, 2,048 bits or more; its certificate belongs into the app.",
    )
    client_secret = forms.CharField(
        label="Consumer secret",
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="From the external client app's OAuth settings.",
    )
    refresh_token = forms.CharField(
        label="Refresh token",
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="What the app got when its user authorised it.",
    )

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data)
        zones = [(str(zone.pk), zone.name) for zone in Zone.objects.order_by("name")]
        choice = self.fields["zone_id"]
        if isinstance(choice, forms.ChoiceField):
            choice.choices = [("", "Choose a zone"), *zones]

    @property
    def typed(self) -> Typed:
        """What was typed, as it was typed: the service checks it and names the field."""
        return Typed(**{name: str(self.data.get(name, "")) for name in self.fields})

    def refuse(self, error: Invalid) -> None:
        """Show the service's objection at its field, and forget the secrets that were typed."""
        self.forget_secrets()
        self.add_error(error.field if error.field in self.fields else None, error.message)

    def forget_secrets(self) -> None:
        """Keep what was typed but the secrets, and object to nothing yet."""
        kept = {name: self.data.get(name, "") for name in self.fields}
        self.data = {**kept, **dict.fromkeys(SECRETS, "")}
        self._errors = forms.utils.ErrorDict()
        self.cleaned_data: dict[str, Any] = {}
