package dev.millrace.cli;

import picocli.CommandLine.Command;

/** {@code millrace genome}: windows of genomes. */
@Command(
        name = "genome",
        description = "Work with windows of genomes, the training data of token models.",
        subcommands = {
            GenomeImportCommand.class,
            GenomeSplitCommand.class,
            GenomePrecomputeCommand.class,
            GenomeWindowsCommand.class,
            GenomeConvertCommand.class,
            GenomeInspectCommand.class,
            GenomeVerifyCommand.class,
            GenomeFastaToJsonlCommand.class,
            GenomeLogStatsCommand.class,
            GenomePredictItemsCommand.class
        })
final class GenomeCommand {}
