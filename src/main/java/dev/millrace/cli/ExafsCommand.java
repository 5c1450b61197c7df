package dev.millrace.cli;

import picocli.CommandLine.Command;

/** {@code millrace exafs}: scattering paths and their χ(k). */
@Command(
        name = "exafs",
        description = "Work with EXAFS: FEFF's scattering paths, their χ(k), and averages over many atoms.",
        subcommands = {
            ExafsBuildCommand.class,
            ExafsAverageCommand.class,
            ExafsQueryCommand.class,
            ExafsExportCommand.class,
            ExafsPlotCommand.class,
            ExafsCompareCommand.class,
            ExafsStatsCommand.class,
            ExafsVerifyCommand.class,
            ExafsOptimizeCommand.class,
            ExafsClearCommand.class,
            ExafsShowCommand.class,
            ExafsChiCommand.class,
            ExafsFtCommand.class,
            ExafsIftCommand.class
        })
final class ExafsCommand {}
