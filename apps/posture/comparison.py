"""Declared, approved, granted, used. Pure: it compares what it is given and reads nothing."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from apps.crm.eventlogs.usage import AppUse, Usage
from apps.crm.models import SnapshotApp
from apps.posture.models import AppPurpose, ScopeBaseline

DEVIATES, NO_BASELINE, UNKNOWN, MATCHES = "deviates", "no_baseline", "unknown", "matches"
# What needs someone comes first.
ORDER = (DEVIATES, NO_BASELINE, UNKNOWN, MATCHES)
_WIDE = "full"  # everything that the user can do


@dataclass(frozen=True, slots=True)
class Comparison:
    """One app: what its purpose declares, what was approved, what the org grants, what it used.

    `granted` is None where the org does not tell: unknown, which is neither fine nor unused. So is
    what event logs do not cover.
    """

    app: SnapshotApp
    baseline: ScopeBaseline | None
    purpose: AppPurpose | None = None
    usage: Usage | None = None

    @property
    def declared(self) -> list[str] | None:
        return self.purpose.scopes if self.purpose else None

    @property
    def use(self) -> AppUse | None:
        """What event logs tell of this app; None when they do not name it."""
        if self.usage is None:
            return None
        named = (each for each in self.usage.apps if each.app_name == self.app.label)
        return self.usage.of(self.app.org_app_id) or next(named, None)

    @property
    def is_seen_unused(self) -> bool:
        """Whether complete logs show no call; anything less is unknown."""
        if self.usage is None or not self.usage.is_complete or self.use is not None:
            return False
        return self.app.last_used_at is None or self.app.last_used_at < self.usage.since

    @property
    def objects_beyond(self) -> list[str]:
        """Objects that the app was seen to touch and its purpose does not name; a purpose that
        names none leaves them open."""
        if self.purpose is None or not self.purpose.objects_named or self.use is None:
            return []
        named = {name.casefold() for name in self.purpose.objects_named}
        return [name for name in self.use.objects if name.casefold() not in named]

    @property
    def undeclared(self) -> list[str]:
        """Scopes that the org grants and the approved purpose does not need."""
        if self.granted is None or self.declared is None:
            return []
        return [scope for scope in self.granted if scope not in self.declared]

    @property
    def granted(self) -> list[str] | None:
        return self.app.scopes

    @property
    def approved(self) -> list[str] | None:
        return self.baseline.scopes if self.baseline else None

    @property
    def beyond(self) -> list[str]:
        """Scopes that the org grants and nobody approved."""
        if self.granted is None or self.approved is None:
            return []
        return [scope for scope in self.granted if scope not in self.approved]

    @property
    def missing(self) -> list[str]:
        """Scopes that were approved and the org no longer grants."""
        if self.granted is None or self.approved is None:
            return []
        return [scope for scope in self.approved if scope not in self.granted]

    @property
    def standing(self) -> str:
        if self.granted is None:
            return UNKNOWN
        if self.approved is None:
            return NO_BASELINE
        return DEVIATES if self.beyond or self.missing or self.undeclared else MATCHES

    @property
    def tone(self) -> str:
        if self.standing == DEVIATES:
            return "danger" if self.beyond or self.undeclared else "attention"
        return {UNKNOWN: "unknown", NO_BASELINE: "attention", MATCHES: "good"}[self.standing]

    @property
    def words(self) -> str:
        """How it stands, in one sentence."""
        if self.standing == UNKNOWN:
            return "The org does not tell this app's scopes over its API."
        if self.standing == NO_BASELINE:
            wide = f", {_WIDE} among them" if _WIDE in (self.granted or []) else ""
            return f"Nobody approved these scopes yet{wide}."
        if self.standing == MATCHES:
            return "Holds what was approved, no more and no less."
        return " ".join(self._differences())

    def _differences(self) -> Iterator[str]:
        both = [scope for scope in self.beyond if scope in self.undeclared]
        if both:
            yield f"Holds {_listed(both)}, which nobody approved and its purpose does not need."
        if beyond := [scope for scope in self.beyond if scope not in both]:
            yield f"Holds {_listed(beyond)} beyond what was approved."
        if undeclared := [scope for scope in self.undeclared if scope not in both]:
            yield f"Holds {_listed(undeclared)}, which its purpose does not need."
        if self.missing:
            yield f"Lacks {_listed(self.missing)}, which was approved."

    @property
    def scopes(self) -> list[str]:
        """Every scope that is declared, approved or granted, sorted."""
        return sorted({*(self.declared or []), *(self.approved or []), *(self.granted or [])})


def compare(
    apps: Iterable[SnapshotApp],
    baselines: Mapping[str, ScopeBaseline],
    purposes: Mapping[str, AppPurpose] | None = None,
    usage: Usage | None = None,
) -> list[Comparison]:
    """Each app with its baseline and purpose (by `app_key`), what needs someone first."""
    needs = purposes or {}
    found = [
        Comparison(app, baselines.get(app.app_key), needs.get(app.app_key), usage) for app in apps
    ]
    return sorted(
        found,
        key=lambda each: (ORDER.index(each.standing), each.app.label.lower(), each.app.org_app_id),
    )


def _listed(scopes: list[str]) -> str:
    if len(scopes) == 1:
        return scopes[0]
    return f"{', '.join(scopes[:-1])} and {scopes[-1]}"
