"""The file `.env` of the working directory: names and values as in the environment, which wins over it."""

from pathlib import Path

from agents.services.errors import SettingsError

DOTENV = Path(".env")


def read_dotenv(path: Path = DOTENV) -> dict[str, str]:
    """What the file says, by the names in it; nothing when it is not there. Raises SettingsError, without a value."""
    if not path.is_file():
        return {}
    from dotenv import dotenv_values  # only where there is such a file

    try:
        found = dotenv_values(path, encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise SettingsError(f"{path} is not UTF-8 text: save it as UTF-8") from None
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}; check its permissions") from None
    return {name: value for name, value in found.items() if value is not None}
