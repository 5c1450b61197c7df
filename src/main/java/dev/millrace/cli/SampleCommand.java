package dev.millrace.cli;

import picocli.CommandLine.Command;

/** {@code millrace sample}: synthetic inputs. */
@Command(
        name = "sample",
        description = "Write seeded synthetic inputs of any size.",
        subcommands = {
            SampleSpectraCommand.class,
            SamplePcqmCommand.class,
            SampleGenomeCommand.class,
            SampleExafsCommand.class,
            SampleTableCommand.class
        })
final class SampleCommand {}
