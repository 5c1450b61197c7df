package dev.millrace.cli;

import picocli.CommandLine.Command;

/** {@code millrace bench}: measurements. */
@Command(
        name = "bench",
        description = "Measure this machine.",
        subcommands = {
            BenchLoaderCommand.class,
            BenchTrainCommand.class,
            BenchDatasetsCommand.class,
            BenchTransferCommand.class,
            BenchMetricsCommand.class,
            BenchGenomeCommand.class,
            BenchExafsCommand.class,
            BenchKvCommand.class
        })
final class BenchCommand {}
