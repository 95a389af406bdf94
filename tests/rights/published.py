"""A published release made of rows, for tests that are not about releases."""

import itertools

from annotator import clock
from annotator.annotations.models import Annotation
from annotator.releases.models import Release, ReleaseRow
from tests.stories import World

_numbers = itertools.count(1)


def a_release(world: World, *texts: Annotation, lane: str = "open", mode: str = "none") -> Release:
    """Return a published release with the newest revision of each of these texts, in one lane."""
    release = Release(
        project_id=world.project.id,
        version=f"{next(_numbers)}.0.0",
        state="published",
        frozen_at=clock.now(),
        frozen_by="operator",
        published_at=clock.now(),
        ledger_seq=0,
        ledger_head="0" * 64,
        manifest_sha256={"gated" if lane == "gated" else "public": "0" * 64},
        facts={
            "title": "A release",
            "diff": {"public": {"counts": {"added": 1, "removed": 0, "changed": 0}}},
            "published": {"seq": 1, "hash": "0" * 64},
        },
    )
    world.session.add(release)
    world.session.flush()
    world.session.add_all(
        ReleaseRow(
            release_id=release.id,
            annotation_id=text.id,
            revision_id=text.revisions[-1].id,
            lane=lane,
            license="CC-BY-4.0",
            split="train",
            root_id=text.public_id,
            row_sha256="0" * 64,
            release_added=release.version,
            facts={"purposes": [], "attribution_mode": mode},
        )
        for text in texts
    )
    world.session.flush()
    return release
