package dev.millrace.cli;

import picocli.CommandLine.Command;

/** {@code millrace pcqm}: databases of PCQM4Mv2. */
@Command(
        name = "pcqm",
        description = "Work with databases of PCQM4Mv2, molecules with their HOMO-LUMO gap.",
        subcommands = {PcqmBuildCommand.class})
final class PcqmCommand {}
