"""What a decision about a flow costs, with a small policy and with a large one."""

import pytest

from apps.residency.decide import Flow, decide
from tests.bench.report import record
from tests.bench.timing import seconds_each
from tests.residency.test_decide import FIT_TO_EU, FLOW, MASK_TO_EU, a_policy, a_rule

pytestmark = pytest.mark.bench


@pytest.mark.parametrize("rules", [2, 60])
def test_decisions_in_a_second(rules: int) -> None:
    others = [a_rule(f"other-{n}", "allow", zone="us", order=n + 3) for n in range(rules - 2)]
    policy = a_policy(FIT_TO_EU, MASK_TO_EU, *others)
    flow = Flow("Case", ("Subject", "SuppliedEmail"), ("DE",), FLOW.purpose, "eu")
    assert decide(flow, policy).effect == "mask"
    each = seconds_each(lambda: decide(flow, policy), times=2_000)
    record("residency", f"decide(), {rules} rules, two fields", 1 / each, "decisions/s")
