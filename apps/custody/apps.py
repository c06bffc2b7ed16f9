"""Keys, sealed values and issued tokens."""

from apps.common import apps as base


class CustodyConfig(base.BaseConfig):
    default = True
    name = "apps.custody"
    label = "custody"

    def ready(self) -> None:
        super().ready()
        from apps.custody.bearer import identify_bearer  # noqa: PLC0415  models load after apps
        from apps.custody.personal import open_for_reader  # noqa: PLC0415
        from apps.custody.signing import checkpoint_keys  # noqa: PLC0415
        from apps.ledger.personal import open_with  # noqa: PLC0415
        from apps.ledger.signing import introduce_keys  # noqa: PLC0415
        from apps.tenancy.identity import recognise_with  # noqa: PLC0415

        recognise_with(identify_bearer)
        introduce_keys(checkpoint_keys)
        open_with(open_for_reader)
