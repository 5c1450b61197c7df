package dev.millrace.cli;

import dev.millrace.build.PublishedFile;
import dev.millrace.exafs.ChiSource;
import dev.millrace.exafs.DocumentExport;
import dev.millrace.exafs.PathCriteria;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace exafs export}: χ and tables of paths for other programs. */
@Command(
        name = "export",
        description = "Write the paths that match, their χ(k), or the sums of χ(k) within atoms, for other programs.",
        footer = {
            "",
            "Examples:",
            "  millrace exafs export --database chi.db --what atoms --paths U-O --kweight 2 --out sums.csv",
            "  millrace exafs export --database chi.db --what chi --frames 100 --atoms 0 --format json --out paths.json",
            "  millrace exafs export chi.db --format document --out md_exafs.db",
            "A row is a path or an atom; χ stands in one column for each k, which is in the head."
        })
final class ExafsExportCommand implements Callable<Integer> {
    /** What the rows are. */
    enum What {
        PATHS,
        CHI,
        ATOMS
    }

    /** What the file is. */
    enum Format {
        CSV,
        JSON,
        DOCUMENT
    }

    @Parameters(arity = "0..1", paramLabel = "D.db", description = "The same as --database.")
    private @Nullable Path file;

    @Mixin
    private final Console console = new Console();

    @Mixin
    private final ExafsInput input = new ExafsInput();

    @Mixin
    private final ExafsSelection selection = new ExafsSelection();

    @Option(
            names = "--what",
            paramLabel = "WHAT",
            description = "atoms: sum of χ of each atom (default). chi: χ of each path. paths: the paths without χ.")
    private What what = What.ATOMS;

    @Option(
            names = "--format",
            paramLabel = "csv|json|document",
            description =
                    "csv, json, or document: a database in the tables of MD-EXAFS with all paths (default: csv, or"
                            + " json where --out ends in .json).")
    private @Nullable Format format;

    @Option(names = "--kweight", paramLabel = "N", description = "Multiply χ by k to this power (default: 0).")
    private double kweight;

    @Option(names = "--out", required = true, paramLabel = "F", description = "File to write.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path out;

    @Override
    public Integer call() throws IOException {
        if (format == Format.DOCUMENT) {
            return document();
        }
        if (file != null) {
            throw new UsageException("Expected --database " + file + ", found it without the option's name.");
        }
        if (!(kweight >= 0 && kweight <= 10)) {
            throw new UsageException("--kweight: expected 0 to 10, found " + kweight + ".");
        }
        Inputs.output(out, input.database() == null ? new Path[0] : new Path[] {input.database()});
        PathCriteria criteria = selection.criteria();
        String message = input.with(console, source -> {
            long[] rows = new long[1];
            PublishedFile.write(out, writer -> rows[0] = write(source, criteria, writer));
            source.warnings(criteria).forEach(console::warn);
            return rows[0] == 0
                    ? out + ": no data: no path matches (" + criteria + "); " + source.path() + " has "
                            + source.extent()
                    : out + ": " + rows[0] + (what == What.ATOMS ? " atoms" : " paths");
        });
        console.print(message);
        return ExitCode.DONE.code();
    }

    private int document() throws IOException {
        Path database = input.database();
        if ((file == null) == (database == null)) {
            throw new UsageException("Expected one database, found " + (file == null ? "none." : "two."));
        }
        if (selection.isAny()) {
            throw new UsageException("--format document: expected no selection, as it has all paths, found one.");
        }
        Path from = Inputs.file(file == null ? Objects.requireNonNull(database) : file);
        Inputs.output(out, from);
        long paths;
        Interruption interruption = Interruption.watch();
        try (PhaseProgress progress = new PhaseProgress(console)) {
            paths = DocumentExport.write(from, out, progress);
        } finally {
            interruption.end();
        }
        console.print(out + ": " + paths + " paths in the tables of MD-EXAFS");
        return ExitCode.DONE.code();
    }

    private long write(ChiSource source, PathCriteria criteria, Writer writer) throws IOException {
        PathTable table = new PathTable(
                writer,
                format == Format.JSON || (format == null && ChiFile.of(out) == ChiFile.JSON)
                        ? PathTable.Format.JSON
                        : PathTable.Format.CSV,
                what == What.ATOMS ? PathTable.ATOM : PathTable.PATH,
                what == What.PATHS ? new double[0] : source.grid().toArray(),
                kweight);
        table.begin();
        switch (what) {
            case PATHS -> source.paths(criteria, path -> table.row(PathTable.cells(path)));
            case CHI -> source.chi(criteria, (path, chi) -> table.row(PathTable.cells(path), chi));
            case ATOMS ->
                source.sums(criteria, (frame, atom, count, chi) -> table.row(List.of(frame, atom, count), chi));
        }
        table.end();
        return table.rows();
    }
}
