"""Where requests are counted without Redis: in the process that answers them."""

import threading

from limits.storage import Storage

from annotator import clock

SCHEME = "process"
# So many names are kept at least before those that are over are looked for.
FEW = 1_000


class InProcess(Storage):
    """Counts for windows of a fixed length. The library's own storage starts a thread nearly every time it counts."""

    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012  # as the base class has it

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **_options: str) -> None:  # noqa: FBT001, FBT002  # the base class's signature
        """Begin with nothing counted."""
        super().__init__(uri, wrap_exceptions=wrap_exceptions)
        self._lock = threading.Lock()
        self._windows: dict[str, tuple[int, float]] = {}  # how often, and when the window ends
        self._many = FEW

    @property
    def base_exceptions(self) -> type[Exception] | tuple[type[Exception], ...]:
        """What can go wrong: nothing of its own."""
        return ValueError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count, and return how often it was by now; the first time begins a window of ``expiry`` seconds."""
        now = clock.now().timestamp()
        with self._lock:
            count, end = self._windows.get(key, (0, 0.0))
            if end <= now:
                count, end = 0, now + expiry
                self._forget(now)
            self._windows[key] = (count + amount, end)
            return count + amount

    def _forget(self, now: float) -> None:
        """Drop the windows that are over, once there are twice as many as were left the last time."""
        if len(self._windows) >= self._many:
            self._windows = {key: window for key, window in self._windows.items() if window[1] > now}
            self._many = max(FEW, 2 * len(self._windows))

    def get(self, key: str) -> int:
        """Return how often it was counted in the window that is open."""
        count, end = self._windows.get(key, (0, 0.0))
        return count if end > clock.now().timestamp() else 0

    def get_expiry(self, key: str) -> float:
        """Return when the window ends, in seconds since 1970; now, where none is open."""
        return max(self._windows.get(key, (0, 0.0))[1], clock.now().timestamp())

    def check(self) -> bool:
        """Say that it works."""
        return True

    def reset(self) -> int | None:
        """Forget everything, and return how many windows there were."""
        with self._lock:
            there = len(self._windows)
            self._windows = {}
            return there

    def clear(self, key: str) -> None:
        """Forget one window."""
        with self._lock:
            self._windows.pop(key, None)


def storage_uri(redis_url: str) -> str:
    """Return where the limiter counts: in Redis, where there is one, for all processes together."""
    return redis_url or f"{SCHEME}://"
