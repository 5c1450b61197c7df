package dev.millrace.cli;

import picocli.CommandLine.Command;

/** {@code millrace genome}: windows of genomes. */
@Command(
        name = "genome",
        description = "Work with windows of genomes, the training data of token models.",
        subcommands = {GenomeWindowsCommand.class})
final class GenomeCommand {}
