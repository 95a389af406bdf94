"""The figures as a table for people."""

from collections.abc import Iterable, Mapping
from typing import Any

_WIDTH = 34


def claim(facts: Mapping[str, Any]) -> str:
    """Return what `bench claim` says."""
    pace = f", each one piece of work in {facts['pace_seconds']:g} s" if facts["pace_seconds"] else ""
    held = f", held to {facts['held_to_cores']} of the cores" if facts["held_to_cores"] else ""
    reference = " and ".join(f"{one:,}" for one in facts["raw_before_and_after"])
    return _table(
        f"{facts['prompts']:,} prompts, {facts['people']} people{pace}; {facts['seconds']:g} s measured.",
        [
            ("claimed and handed in", f"{facts['cycles_per_second']:,} a second"),
            ("  one cycle, p50 / p95 / p99", _ms(facts, "p50_ms", "p95_ms", "p99_ms")),
            ("  one request, p50 / p95 / slowest", _ms(facts, "request_p50_ms", "request_p95_ms", "slowest_ms")),
            ("errors / duplicates / lost", f"{facts['errors']} / {facts['duplicates']} / {facts['lost']}"),
            ("raw claim and insert", f"{facts['raw_claims_per_second']:,} a second ({reference}, before and after)"),
            ("share of raw", f"{facts['ratio_to_raw']:.3f}"),
            ("pages of reserved work", _pages(facts)),
            ("most memory of a web process", _mb(facts["web_process_mb"])),
            ("  of the worker / of all together", f"{_mb(facts['worker_mb'])} / {_mb(facts['all_processes_mb'])}"),
            ("cores: server / people / all", _cores(facts)),
            ("server", f"{facts['workers']} web processes{held}; overlap {facts['overlap']}"),
            *_release(facts),
            ("database", _conditions(facts)),
            ("machine", facts["machine"]),
            *((f"  {name}", str(words)) for name, words in facts["what_went_wrong"].items()),
        ],
    )


def imported(facts: Mapping[str, Any]) -> str:
    """Return what `bench import` says."""
    reference = " and ".join(f"{one:,}" for one in facts["reference_before_and_after"])
    return _table(
        f"{facts['rows']:,} rows in one JSONL file, a hundredth of them duplicates.",
        [
            ("imported in", f"{facts['seconds']:,} s ({facts['rows_per_second']:,} rows a second)"),
            ("  its own work", f"{facts['cpu_seconds']:,} s of a core"),
            ("  added / duplicates", f"{facts['added']:,} / {facts['duplicates']:,}"),
            ("  most memory", _mb(facts["peak_memory_mb"])),
            ("the same file again in", f"{facts['seconds_again']:,} s"),
            ("  added", f"{facts['added_again']:,}"),
            ("  most memory", _mb(facts["peak_memory_again_mb"])),
            ("raw read, hash and insert", f"{facts['reference_seconds']:,} s ({reference}, before and after)"),
            ("times raw", f"{facts['times_reference']:,}"),
            ("database", _conditions(facts)),
            ("machine", facts["machine"]),
        ],
    )


def wrong(facts: Mapping[str, Any]) -> str | None:
    """Return why the figures are not to be trusted, in one sentence; None when they are."""
    names = (
        ("errors", "duplicates", "lost", "missing") if "cycles_per_second" in facts else ("added_again", "not_added")
    )
    found = [f"{facts[name]} {name.replace('_', ' ')}" for name in names if facts[name]]
    return f"Something went wrong ({', '.join(found)}): the figures are not to be trusted." if found else None


def _table(title: str, lines: Iterable[tuple[str, str]]) -> str:
    return "\n".join([title, *(f"  {name:<{_WIDTH}}  {value}" for name, value in lines)])


def _ms(facts: Mapping[str, Any], *names: str) -> str:
    return " / ".join("?" if facts[name] is None else f"{facts[name]:,}" for name in names) + " ms"


def _mb(megabytes: int | None) -> str:
    return "not known" if megabytes is None else f"{megabytes:,} MB"


def _pages(facts: Mapping[str, Any]) -> str:
    if facts["page_requests_per_second"] is None:
        return "counted among the requests"
    return f"{facts['page_requests_per_second']:,} a second (p95 {facts['page_p95_ms']} ms)"


def _cores(facts: Mapping[str, Any]) -> str:
    used = " / ".join(f"{facts[name]:.2f}" for name in ("server_cores", "people_cores", "all_cores"))
    return f"{used} ({facts['server_ms_per_cycle']} ms of the server for a cycle)"


def _release(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    if "release_rows" not in facts:
        return []
    times = _ms(facts, "release_request_p50_ms", "release_request_p95_ms", "release_slowest_ms")
    return [
        ("a release meanwhile", f"{facts['release_rows']:,} rows in {facts['release_seconds']:,} s"),
        ("  one request, p50 / p95 / slowest", f"{times} ({facts['release_requests']} requests)"),
    ]


def _conditions(facts: Mapping[str, Any]) -> str:
    names = ("fsync", "synchronous_commit", "full_page_writes", "shared_buffers", "journal_mode", "synchronous")
    return ", ".join([facts["database"], *(f"{name} {facts[name]}" for name in names if name in facts)])
