package dev.millrace.cli;

import dev.millrace.spectra.SpectraMemory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace spectra memory}: what training from a database will occupy. */
@Command(
        name = "memory",
        description =
                "Estimate the memory of a training's data: what stays in the heap, and what batches take beside it.")
final class SpectraMemoryCommand implements Callable<Integer> {
    @Mixin
    private final Console console = new Console();

    @Parameters(paramLabel = "D.db", description = "A spectra database.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path file;

    @Option(names = "--batch-size", defaultValue = "128", description = "Samples per batch (default 128).")
    private int batchSize;

    @Option(names = "--threads", defaultValue = "1", description = "Loader threads (default 1).")
    private int threads;

    @Option(names = "--json", description = "Print JSON, in bytes.")
    private boolean json;

    @Override
    public Integer call() {
        Inputs.range("--batch-size", batchSize, 1, 65_536);
        Inputs.range("--threads", threads, 0, 64);
        SpectraMemory memory = SpectraMemory.estimate(Inputs.file(file), batchSize, threads);
        Map<String, Long> bytes = new LinkedHashMap<>();
        bytes.put("ids", memory.ids());
        bytes.put("sqlite_cache_in_memory", memory.inMemory());
        bytes.put("one_batch", memory.batch());
        bytes.put("batches_ahead", memory.ahead());
        bytes.put("page_caches", memory.pageCaches());
        if (json) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("samples", memory.samples());
            fields.putAll(bytes);
            console.printJson(fields);
        } else {
            List<List<String>> rows = new ArrayList<>();
            bytes.forEach(
                    (what, size) -> rows.add(List.of(what, String.format(Locale.ROOT, "%.1f", size / 1048576.0))));
            console.print(memory.samples() + " samples");
            console.printTable(List.of("estimated", "MiB"), rows);
        }
        return ExitCode.DONE.code();
    }
}
