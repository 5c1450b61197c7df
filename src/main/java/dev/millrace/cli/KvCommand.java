package dev.millrace.cli;

import picocli.CommandLine.Command;

/** {@code millrace kv}: values by key. */
@Command(
        name = "kv",
        description = "Look at key-value stores and change them: features and whatever else was computed once.",
        subcommands = {
            KvGetCommand.class,
            KvPutCommand.class,
            KvDelCommand.class,
            KvLsCommand.class,
            KvStatsCommand.class,
            KvExportCommand.class,
            KvImportCommand.class,
            KvVerifyCommand.class,
            KvCompactCommand.class
        })
final class KvCommand {}
