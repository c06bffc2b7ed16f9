"""People who sign in."""

from apps.common import apps as base


class AccountsConfig(base.BaseConfig):
    default = True
    name = "apps.accounts"
    label = "accounts"
