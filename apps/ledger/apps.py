"""The ledger: what happened, by whom, never rewritten."""

from apps.common import apps as base
from apps.common.refusals import remember_with
from apps.ledger.anchoring.judge import judge_by_settings
from apps.ledger.signing import introduce_judge


class LedgerConfig(base.BaseConfig):
    default = True
    name = "apps.ledger"
    label = "ledger"

    def ready(self) -> None:
        super().ready()
        from apps.ledger.services import record_refusal  # noqa: PLC0415  models load after apps

        remember_with(record_refusal)
        introduce_judge(judge_by_settings())
