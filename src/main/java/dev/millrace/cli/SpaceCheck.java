package dev.millrace.cli;

import picocli.CommandLine.Option;

/** Whether long work looks for room on the disk before it begins. */
final class SpaceCheck {
    @Option(
            names = "--no-space-check",
            description = "Begin also when the disk seems to have too little room for what is to be written.")
    private boolean unwanted;

    boolean isWanted() {
        return !unwanted;
    }
}
