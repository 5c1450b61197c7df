package dev.millrace.cli;

import picocli.CommandLine.Command;

/** {@code millrace metrics}: what runs reported. */
@Command(
        name = "metrics",
        description = "Look at what runs reported, while they run and afterwards.",
        subcommands = {
            MetricsLsCommand.class,
            MetricsShowCommand.class,
            MetricsTailCommand.class,
            MetricsCompareCommand.class,
            MetricsPlotCommand.class,
            MetricsReportCommand.class,
            MetricsQueryCommand.class,
            MetricsExportCommand.class,
            MetricsImportCommand.class,
            MetricsServeCommand.class,
            MetricsGcCommand.class,
            MetricsVerifyCommand.class
        })
final class MetricsCommand {}
