package dev.millrace.cli;

import dev.millrace.metrics.ImportReport;
import dev.millrace.metrics.MetricsImport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace metrics import}: spool files of workers into a metrics file. */
@Command(
        name = "import",
        description = {
            "Take what worker processes left in a spool folder into a metrics file, which is made if it is not there.",
            "The process that has a metrics file open does this by itself; this is for when it is gone, or for the folders"
                    + " of other machines. Nothing is taken twice."
        },
        footer = {"", "Example:", "  millrace metrics import --spool runs/1/metrics.db.spool --into runs/1/metrics.db"})
final class MetricsImportCommand implements Runnable {
    @Mixin
    private final Console console = new Console();

    @Option(names = "--spool", required = true, paramLabel = "DIR", description = "The folder that workers write to.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path spool;

    @Option(
            names = "--into",
            required = true,
            paramLabel = "RUN.db",
            description = "The metrics file, or the folder of its run.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path into;

    @Option(names = "--follow", description = "Go on with what comes, until Ctrl-C.")
    private boolean follow;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public void run() {
        Inputs.folder(spool);
        Path file = Files.isDirectory(into) ? into.resolve(RunFolder.METRICS) : into;
        Interruption interruption = Interruption.watch();
        try {
            print(MetricsImport.follow(spool, file, report -> goesOn()), file);
        } finally {
            interruption.end();
        }
    }

    private boolean goesOn() {
        return follow && !Thread.currentThread().isInterrupted();
    }

    private void print(ImportReport report, Path file) {
        if (json) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("file", file.toString());
            fields.put("spool", spool.toString());
            fields.put("producers", report.producers());
            fields.put("records", report.records());
            fields.put("rejected", report.rejected());
            fields.put("damaged", report.damaged());
            fields.put("torn", report.torn());
            fields.put("complete", report.complete());
            console.printJson(fields);
            return;
        }
        console.print(file + ": " + report.records() + " records of " + report.producers() + " processes imported");
        if (report.rejected() + report.damaged() > 0) {
            console.warn(report.rejected() + " records were refused and " + report.damaged()
                    + " could not be read; the events of the run say where");
        }
        if (report.torn() > 0) {
            console.note(report.torn() + " processes were killed in the middle of a record");
        }
        if (!report.complete()) {
            console.note("some processes may still write; import again when they have ended");
        }
    }
}
