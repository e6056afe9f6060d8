"""One target in a process of its own under atheris: `python -m tests.fuzz.one TARGET FOLDER [libFuzzer's options]`."""

import sys

import atheris  # type: ignore[import-untyped]  # it brings no types

with atheris.instrument_imports(
    include=["sync", "procedures", "hardware", "appliance", "cityhall", "json"]
):
    from sync import chiplock, pinlock
    from tests.fuzz import custody, targets


def main() -> None:
    """Run until libFuzzer's options say stop, or a finding does."""
    name, folder, *options = sys.argv[1:]
    target = targets.ALL[name]
    for room in (pinlock, chiplock):
        setattr(room, "stretch", custody.quickly)  # noqa: B010 - in this process only
    atheris.Setup([sys.argv[0], *options, folder], target.run)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
