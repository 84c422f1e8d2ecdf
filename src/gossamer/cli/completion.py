"""`gossamer completion`: what a shell needs to complete commands and flags."""

import sys
from typing import Literal

import cyclopts

app = cyclopts.App(name="completion")


@app.default
def completion(shell: Literal["bash", "zsh", "fish"], /) -> None:
    """Print a script with which a shell completes our commands and flags.

    For bash: `source <(gossamer completion bash)`; for zsh, a file `_gossamer` in a folder of $fpath; fish:
    ~/.config/fish/completions/gossamer.fish.

    Parameters
    ----------
    shell
        Which one.
    """
    from gossamer.cli import main  # noqa: PLC0415 - it lists this command

    main.load()
    sys.stdout.write(main.app.generate_completion(prog_name="gossamer", shell=shell))
