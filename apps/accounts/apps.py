"""People who sign in."""

from apps.common import apps as base


class AccountsConfig(base.BaseConfig):
    default = True
    name = "apps.accounts"
    label = "accounts"

    def ready(self) -> None:
        super().ready()
        from apps.accounts.selectors import names_of_actors  # noqa: PLC0415  models load later
        from apps.accounts.step_up import spend_code  # noqa: PLC0415
        from apps.common.step_up import step_up_with  # noqa: PLC0415
        from apps.ledger.names import name_people_with  # noqa: PLC0415

        name_people_with(names_of_actors)
        step_up_with(spend_code)
