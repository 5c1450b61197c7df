package dev.millrace.cli;

import picocli.CommandLine.Command;

/** {@code millrace spectra}: databases of mass spectra. */
@Command(
        name = "spectra",
        description = "Work with databases of mass spectra.",
        subcommands = {SpectraBuildCommand.class, SpectraMemoryCommand.class})
final class SpectraCommand {}
