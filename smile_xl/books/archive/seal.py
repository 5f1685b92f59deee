"""The manifest of a folder, with a seal that breaks when it is changed."""

from __future__ import annotations

import hashlib
import json
from typing import Any

MANIFEST = "manifest.json"


def sealed(manifest: dict[str, Any]) -> bytes:
    """The manifest as text, with a hash of itself."""
    return json.dumps({**manifest, "seal": seal_of(manifest)}, indent=1, ensure_ascii=False).encode()


def seal_of(manifest: dict[str, Any]) -> str:
    """The hash of a manifest without its seal."""
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()
