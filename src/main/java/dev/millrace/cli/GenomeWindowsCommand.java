package dev.millrace.cli;

import dev.millrace.batch.RowReader;
import dev.millrace.batch.Split;
import dev.millrace.genome.Window;
import dev.millrace.genome.WindowFormat;
import dev.millrace.genome.WindowItem;
import dev.millrace.genome.WindowSource;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/** {@code millrace genome windows}: what a model is given for single windows. */
@Command(
        name = "windows",
        description = "Print windows as a model is trained on them: tokens, labels, loss mask, position ids.",
        footer = {
            "",
            "Examples:",
            "  millrace genome windows --sequences genomes.db --split train --index 0,17",
            "  millrace genome windows --sequences samples/ --windows train_windows.db \\",
            "      --seq-length 8192 --stride 7992 --control-tags --all --json",
            "--json prints one object a line."
        })
final class GenomeWindowsCommand implements Callable<Integer> {
    private static final int AT_ONCE = 64;

    @Mixin
    private final Console console = new Console();

    @Mixin
    private final WindowFormatFlags flags = new WindowFormatFlags();

    @Option(
            names = "--sequences",
            required = true,
            paramLabel = "STORE.db|DIR",
            description = "A genome store, or a folder of one database per sample.")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Path sequences;

    @ArgGroup
    private @Nullable Which which;

    @Option(
            names = "--seq-length",
            defaultValue = "8192",
            paramLabel = "W",
            description = "Tokens of a window (default 8192); must be what the windows were made with.")
    private int seqLength;

    @Option(
            names = "--stride",
            defaultValue = "7992",
            paramLabel = "S",
            description = "Bases between windows (default 7992); must be what the windows were made with.")
    private int stride;

    @Option(
            names = "--window-min-length-threshold",
            defaultValue = "0",
            paramLabel = "T",
            description = "The threshold that the windows were pruned with (default 0, none).")
    private int minLength;

    @Option(names = "--epoch", defaultValue = "0", description = "Epoch, which decides --rc random too (default 0).")
    private long epoch;

    @ArgGroup(multiplicity = "1")
    @SuppressWarnings("NullAway.Init") // picocli refuses the command line without it
    private Choice choice;

    @Option(names = "--json", description = "Print JSON, one object a line.")
    private boolean json;

    /** The windows of a database of their own, or those that lie in the store. */
    static final class Which {
        @Option(names = "--windows", required = true, paramLabel = "W.db", description = "A window database.")
        private @Nullable Path windows;

        @Option(
                names = "--split",
                required = true,
                paramLabel = "NAME",
                description = "Windows in the store: train, val, test or all (default).")
        private @Nullable String split;
    }

    /** Some windows or all. */
    static final class Choice {
        @Option(
                names = "--index",
                required = true,
                split = ",",
                paramLabel = "I",
                description = "Their indexes, from 0, several with commas.")
        private long @Nullable [] indexes;

        @Option(names = "--all", required = true, description = "All windows of the split.")
        private boolean all;
    }

    @Override
    public Integer call() {
        WindowFormat format = flags.format(seqLength);
        Path windows = which == null ? null : which.windows;
        String split = which == null || which.split == null ? Split.ALL.id() : which.split;
        WindowSource.Options options = Inputs.checked(
                () -> WindowSource.Options.of(sequences, windows, Split.parse(split), format, stride, minLength));
        try (WindowSource source = WindowSource.open(options);
                RowReader<Window> reader = source.openReader(epoch)) {
            long[] indexes =
                    choice.all ? LongStream.range(0, source.size()).toArray() : Objects.requireNonNull(choice.indexes);
            for (int from = 0; from < indexes.length; from += AT_ONCE) {
                long[] some = java.util.Arrays.copyOfRange(indexes, from, Math.min(indexes.length, from + AT_ONCE));
                for (Window window : read(reader, some)) {
                    print(format, window);
                }
            }
        }
        return ExitCode.DONE.code();
    }

    private static List<Window> read(RowReader<Window> reader, long[] indexes) {
        try {
            return reader.read(indexes);
        } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
    }

    private void print(WindowFormat format, Window window) {
        WindowItem item = Inputs.checked(() -> format.encode(window));
        if (!json) {
            WindowView.lines(format, window, item).forEach(console::print);
            return;
        }
        int[] lossMask = new int[item.lossMask().length];
        for (int place = 0; place < lossMask.length; place++) {
            lossMask[place] = (int) item.lossMask()[place];
        }
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("window_idx", window.index());
        fields.put("tokens", item.tokens());
        fields.put("labels", item.labels());
        fields.put("loss_mask", lossMask);
        fields.put("position_ids", LongStream.range(0, lossMask.length).toArray());
        console.print(JsonMapper.shared().writeValueAsString(fields));
    }
}
