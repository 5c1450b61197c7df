package dev.millrace.cli;

import dev.millrace.metrics.MetricsFilter;
import dev.millrace.metrics.MetricsReader;
import dev.millrace.metrics.RunInfo;
import dev.millrace.metrics.SeriesKind;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace metrics export}: everything that runs reported, as text. */
@Command(
        name = "export",
        description = "Write what runs reported as CSV or JSON lines, without loss: every digit, NaN and infinities,"
                + " superseded values (marked), times in UTC milliseconds. Also while a run records.",
        footer = {
            "",
            "Examples:",
            "  millrace metrics export RUN.db --format csv --out values.csv",
            "  millrace metrics export RUN.db --format jsonl --run 2 --kind step,epoch --out - | head",
            "CSV has the values; JSON lines also the runs with settings and tags, their stages and events."
        })
final class MetricsExportCommand implements Callable<Integer> {
    /** How records are written. */
    enum Format {
        CSV,
        JSONL
    }

    @Mixin
    private final Console console = new Console();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before the command runs
    private CommandSpec spec;

    @Parameters(paramLabel = "RUN.db", description = "A metrics file, or the folder of a run.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path named;

    @Option(names = "--format", paramLabel = "FORMAT", required = true, description = "csv or jsonl.")
    private Format format = Format.CSV;

    @Option(names = "--run", paramLabel = "RUN", description = "One run, by number or name (default: all).")
    private @Nullable String run;

    @Option(
            names = "--kind",
            paramLabel = "KIND",
            split = ",",
            description = "step, epoch, resource or generation, several with commas (default: all).")
    private Set<SeriesKind> kinds = EnumSet.allOf(SeriesKind.class);

    @Option(names = "--out", paramLabel = "F", required = true, description = "File to write, - for standard output.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private String out;

    @Option(
            names = "--guard-formulas",
            description = "In CSV, put ' before texts that a spreadsheet would take for a formula.")
    private boolean guardFormulas;

    @Option(names = "--json", description = "Print the number of records as JSON; not with --out -.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        Path file = MetricsInput.file(named);
        if (out.equals("-")) {
            if (json) {
                throw new UsageException("--json: expected --out with a file, found standard output.");
            }
            PrintWriter screen = spec.commandLine().getOut();
            write(file, new ExportWriter(screen, format == Format.CSV, guardFormulas));
            screen.flush();
            return ExitCode.DONE.code();
        }
        Path target = MetricsInput.output(Path.of(out), file);
        Path partial = beside(target, ".partial");
        long records;
        try {
            try (BufferedWriter writer = Files.newBufferedWriter(partial, StandardCharsets.UTF_8)) {
                records = write(file, new ExportWriter(writer, format == Format.CSV, guardFormulas));
            }
            Files.move(partial, target, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(partial);
        }
        if (json) {
            console.printJson(java.util.Map.of("file", target.toString(), "records", records));
        } else {
            console.print(target + ": " + records + " records");
        }
        return ExitCode.DONE.code();
    }

    private long write(Path file, ExportWriter writer) throws IOException {
        try (MetricsReader reader = MetricsReader.open(file)) {
            List<RunInfo> runs = run == null ? reader.runs() : List.of(MetricsInput.run(reader, run));
            writer.begin();
            for (RunInfo each : runs) {
                writer.run(each, reader.stages(each.id()), reader.events(each.id()));
                for (SeriesKind kind : EnumSet.copyOf(kinds)) {
                    if (kind == SeriesKind.GENERATION) {
                        reader.generations(each.id()).forEach(generation -> writer.generation(each, generation));
                    } else {
                        MetricsFilter all = MetricsFilter.of(kind)
                                .run(each.id())
                                .withSuperseded()
                                .withNotFinite();
                        reader.points(all, point -> writer.point(each, point));
                    }
                }
            }
            return writer.records();
        } catch (java.io.UncheckedIOException e) {
            throw new IOException("Cannot write " + out + ": " + e.getMessage(), e);
        }
    }

    private static Path beside(Path file, String suffix) {
        return file.resolveSibling(file.getFileName() + suffix);
    }
}
