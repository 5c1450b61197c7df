package dev.millrace.cli;

import dev.millrace.exafs.ExafsVerification;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace exafs verify}: reads a database completely. */
@Command(
        name = "verify",
        aliases = "diagnose",
        description = {
            "Check every row of an EXAFS database: checksums, orphans, duplicates, missing rows, sizes and values of χ,",
            "and the sums of atoms. Of a database in MD-EXAFS's tables all that can be checked without checksums.",
            "For example: millrace exafs verify chi.db"
        })
final class ExafsVerifyCommand implements Callable<Integer> {
    @Mixin
    private final Console console = new Console();

    @Mixin
    private final ExafsFile file = new ExafsFile();

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() {
        Path path = file.path();
        ExafsVerification found;
        Interruption interruption = Interruption.watch();
        try (PhaseProgress progress = new PhaseProgress(console)) {
            found = ExafsVerification.verify(path, progress);
        } finally {
            interruption.end();
        }
        if (json) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("file", path.toString());
            fields.put("kind", found.kind());
            fields.put("sound", found.isSound());
            fields.put("paths", found.paths());
            fields.put("atoms", found.absorbers());
            fields.put("faults", found.faults());
            console.printJson(fields);
        } else if (found.isSound()) {
            console.print(String.format(
                    Locale.ROOT,
                    "%s: sound; %,d paths and the sums of %,d atoms checked",
                    path,
                    found.paths(),
                    found.absorbers()));
        } else {
            found.faults().forEach(console::print);
        }
        if (found.isSound()) {
            return ExitCode.DONE.code();
        }
        console.error(
                path + " is damaged: " + found.faults().size() + " faults found. Build it again with '--rebuild'.");
        return ExitCode.DATABASE.code();
    }
}
