package dev.millrace.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace completion}: what makes a shell complete commands, options and file names. */
@Command(
        name = "completion",
        description = {
            "Print a script that completes the commands, options and files of millrace.",
            "bash: millrace completion bash > ~/.local/share/bash-completion/completions/millrace",
            "zsh:  add to ~/.zshrc: source <(millrace completion zsh)"
        })
final class CompletionCommand implements Callable<Integer> {
    @Mixin
    private final Console console = new Console();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before the command runs
    private CommandSpec spec;

    @Parameters(paramLabel = "SHELL", description = "bash or zsh.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Shell shell;

    /** Shells that read one and the same script: it makes zsh take the words of bash. */
    private enum Shell {
        BASH,
        ZSH
    }

    @Override
    public Integer call() {
        console.print("# Completion of millrace in " + ConfigBinder.nameOf(shell) + ".");
        console.print(AutoComplete.bash("millrace", spec.root().commandLine()).stripTrailing());
        return ExitCode.DONE.code();
    }
}
