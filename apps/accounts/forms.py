"""Forms of sign-in. They check shape only; services decide."""

from django import forms


class SignInForm(forms.Form):
    """First step: who are you."""

    email = forms.EmailField(label="E-mail address", max_length=254)
    password = forms.CharField(label="Password", widget=forms.PasswordInput, max_length=1024)

    def clean_email(self) -> str:
        """One spelling per account: wrong passwords are counted by what stands here."""
        return str(self.cleaned_data["email"]).strip().lower()


class CodeForm(forms.Form):
    """A code from the authenticator app, or a recovery code where those are accepted."""

    code = forms.CharField(
        label="Code",
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}
        ),
    )
