"""Bearer tokens, the users they stand for, and the users' roles."""

from __future__ import annotations

import secrets
import threading
from pathlib import Path

from cluster.roles import ADMINISTRATOR, Role


class Tokens:
    """Who is who; safe to be used from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users: dict[str, str] = {}
        self._roles: dict[str, Role] = {}
        self._files: dict[Path, str] = {}

    def new(self, user: str, role: Role | None = None) -> str:
        """A new token of ``user``, whose role is set if one is given (a new user may do everything)."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._users[token] = user
            if role is not None or user not in self._roles:
                self._roles[user] = role or ADMINISTRATOR
        return token

    def set_role(self, user: str, role: Role) -> None:
        """What ``user`` may do from now on."""
        with self._lock:
            self._roles[user] = role

    def keep_file(self, path: Path, user: str) -> None:
        """Write a token of ``user`` to ``path``, and a new one after each expiry, as a kubelet does."""
        token = self.new(user)
        with self._lock:
            self._files[path] = user
        path.write_text(token, encoding="utf-8")

    def expire(self) -> None:
        """No token given so far is valid any more; the files get new ones."""
        with self._lock:
            self._users.clear()
            files = dict(self._files)
        for path, user in files.items():
            self.keep_file(path, user)

    def who(self, authorization: str) -> tuple[str, Role] | None:
        """The user and role of an ``Authorization`` header, ``None`` for nobody's."""
        scheme, _, token = authorization.partition(" ")
        with self._lock:
            user = self._users.get(token.strip()) if scheme.lower() == "bearer" else None
            return None if user is None else (user, self._roles[user])
