package dev.millrace.cli;

import dev.millrace.genome.GenomeVerification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace genome verify}: reads sequences and windows completely. */
@Command(
        name = "verify",
        description = {
            "Check every base of a genome store, or of a folder of the original's files of samples, and the windows.",
            "For example: millrace genome verify genomes.db --windows train_windows.db"
        })
final class GenomeVerifyCommand implements Callable<Integer> {
    @Mixin
    private final Console console = new Console();

    @Parameters(paramLabel = "STORE.db|DIR", description = "A genome store, or a folder of files of samples.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path sequences;

    @Option(
            names = "--windows",
            arity = "1..*",
            paramLabel = "W.db",
            description = "Files of windows to compare with the sequences.")
    private List<Path> windows = List.of();

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        if (!Files.isDirectory(sequences)) {
            Inputs.file(sequences);
        }
        windows.forEach(Inputs::file);
        GenomeVerification found;
        Interruption interruption = Interruption.watch();
        try (PhaseProgress progress = new PhaseProgress(console)) {
            found = GenomeVerification.verify(sequences, windows, progress);
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        } finally {
            interruption.end();
        }
        if (json) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("sequences", sequences.toString());
            fields.put("sound", found.isSound());
            fields.put("contigs", found.contigs());
            fields.put("bases", found.bases());
            fields.put("windows", found.windows());
            fields.put("faults", found.faults());
            console.printJson(fields);
        } else if (found.isSound()) {
            console.print(String.format(
                    Locale.ROOT,
                    "%s: sound; %,d contigs, %,d bases, %,d windows checked",
                    sequences,
                    found.contigs(),
                    found.bases(),
                    found.windows()));
        } else {
            found.faults().forEach(console::print);
        }
        if (found.isSound()) {
            return ExitCode.DONE.code();
        }
        console.error(
                sequences + ": " + found.faults().size() + " faults found. Restore what is damaged, or make it again.");
        return ExitCode.DATABASE.code();
    }
}
