"""Password check inside the scope of the one account that signs in."""

from typing import Any
from uuid import UUID

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from apps.accounts.models import User
from apps.common.scope import scoped


class PasswordBackend(BaseBackend):
    """Finds the account by e-mail address; spends the same time when there is none."""

    def authenticate(
        self, request: HttpRequest | None, email: str = "", password: str = "", **kwargs: Any
    ) -> User | None:
        with scoped(login=email):
            user = User.objects.filter(email=email.strip().lower()).first()
            if user is None:
                User().set_password(password)  # one hash's time, so that absence does not show
                return None
            return user if user.is_active and user.check_password(password) else None

    def get_user(self, user_id: UUID) -> User | None:
        user = User.objects.filter(pk=user_id).first()
        return user if user is not None and user.is_active else None
