"""Makes a pack step by step; each step is kept, so that the next worker goes on where one died."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings

from apps.common.clock import database_now
from apps.common.scope import scoped
from apps.evidence import collect, kept, positions, services
from apps.evidence.keys import manifest_signer, pack_sealer
from apps.evidence.models import Pack
from apps.evidence.pack.build import build_unsigned
from apps.evidence.pack.content import Section
from apps.evidence.pack.events import iterate_lines, split_line, write_lines
from apps.evidence.pack.language import language
from apps.evidence.positions import Placed

Say = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Making:
    """One pack under way. `say` is told each step as it begins, and how many are done."""

    tenant_id: UUID
    pack: Pack
    at: datetime
    say: Say

    @property
    def parts_count(self) -> int:
        return len(collect.purpose_for(self.pack).parts)

    def run(self, *, seal_root: str) -> tuple[bytes, int]:
        """The PDF before the seal, which names its root, and the number of events in it."""
        sections = self._sections()
        placed = self._placed()
        unsigned = self._unsigned(sections, placed, seal_root)
        self.say("Sealing", self.parts_count + 3)
        return unsigned, len(placed.bodies)

    def _sections(self) -> tuple[Section, ...]:
        found = []
        for number, part in enumerate(collect.purpose_for(self.pack).parts):
            step = f"section-{part.name}"
            with self._scope():
                known = kept.find(self.pack.pk, step)
            if known is not None:
                found.append(kept.read_section(known))
                continue
            self.say(f"Reading: {language('en')(part.heading)}", number)
            with self._scope():
                section = collect.write_part(part, collect.brief_for(self.pack, self.at))
                kept.keep(self.pack.pk, step, kept.section_bytes(section))
            found.append(section)
        return tuple(found)

    def _placed(self) -> Placed:
        with self._scope():
            lines = kept.find(self.pack.pk, "events")
            proof = kept.find(self.pack.pk, "proof") if lines is not None else None
        if lines is not None and proof is not None:
            bodies = tuple(split_line(line)[0] for line in iterate_lines(lines))
            return positions.read_kept(proof, bodies)
        self.say("Waiting for positions in the ledger", self.parts_count)
        seconds = settings.EVIDENCE_WAIT_S
        with self._scope():
            events = collect.brief_for(self.pack, self.at).events
        positions.wait_for_positions(events, seconds=seconds, scope=self._scope)
        self.say("Collecting events and their proof", self.parts_count + 1)
        with self._scope():
            placed = positions.place(
                events,
                is_whole=collect.purpose_for(self.pack).is_whole,
                say=language(self.pack.language),
                waited_s=seconds,
            )
            kept.keep(self.pack.pk, "events", write_lines(placed.bodies))
            kept.keep(self.pack.pk, "proof", positions.kept_bytes(placed))
        return placed

    def _unsigned(self, sections: tuple[Section, ...], placed: Placed, root: str) -> bytes:
        step = f"unsigned-{root[:16]}"  # another root is printed: another document
        with self._scope():
            known = kept.find(self.pack.pk, step)
            if known is not None:
                return known
            missing = (*placed.not_included, *collect.always_missing(self.pack))
            content = collect.content_of(self.pack, sections, missing, at=self.at)
            signer = manifest_signer()
        self.say("Drawing and signing", self.parts_count + 2)
        unsigned = build_unsigned(
            content,
            annexes=placed.annexes,
            events=placed.bodies,
            signer=signer,
            seal_root=root,
        )
        with self._scope():
            kept.keep(self.pack.pk, step, unsigned)
        return unsigned

    def _scope(self) -> AbstractContextManager[object]:
        return scoped(tenant_id=self.tenant_id)


def make(*, tenant_id: UUID, pack_id: UUID, now: datetime, say: Say) -> None:
    """Make the pack and keep the file. Raises `PackError` for what cannot become a pack.

    Seal and timestamp bear the time of the sealing, however long the pack took until then.
    """
    with scoped(tenant_id=tenant_id):
        pack = Pack.objects.select_related("tenant").get(pk=pack_id)
        root = pack_sealer(now).root_fingerprint
    making = Making(tenant_id, pack, pack.began_at or now, say)
    unsigned, events = making.run(seal_root=root)
    with scoped(tenant_id=tenant_id):
        sealed_at = max(now, database_now())
        sealer = pack_sealer(sealed_at)
    pdf = sealer.seal(unsigned)
    with scoped(tenant_id=tenant_id):
        services.finish(pack_id=pack_id, pdf=pdf, events=events, now=sealed_at)
        kept.forget(pack_id)
