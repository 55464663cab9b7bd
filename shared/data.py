"""Data that ships with the code, in YAML files."""

from pathlib import Path
from typing import Any

import yaml

# A hundred contracts take Python half a second at every start, and libyaml a tenth of that.
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(file: Path) -> Any:
    """What the file says: mappings, lists, texts, numbers and dates, nothing that runs."""
    return yaml.load(file.read_text(), Loader=LOADER)
