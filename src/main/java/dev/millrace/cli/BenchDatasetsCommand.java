package dev.millrace.cli;

import ai.djl.translate.TranslateException;
import dev.millrace.bench.DatasetsBench;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace bench datasets}: the database against the files it was built from. */
@Command(
        name = "datasets",
        description = "Compare a spectra database with reading the files themselves, as a Markdown table.")
final class BenchDatasetsCommand implements Callable<Integer> {
    @Mixin
    private final Console console = new Console();

    @Option(names = "--db", required = true, paramLabel = "D.db", description = "The database.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path database;

    @Option(names = "--msp", required = true, paramLabel = "F", description = "The spectra it was built from.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path msp;

    @Option(names = "--mol-dir", required = true, paramLabel = "DIR", description = "The molecules of those.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path molFolder;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() throws IOException, TranslateException {
        List<DatasetsBench.Line> lines =
                DatasetsBench.compare(Inputs.file(database), Inputs.file(msp), Inputs.folder(molFolder));
        if (json) {
            console.printJson(lines);
        } else {
            console.print(DatasetsBench.markdown(lines).stripTrailing());
        }
        return ExitCode.DONE.code();
    }
}
