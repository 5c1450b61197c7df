package dev.millrace.bench;

import dev.millrace.bench.KvPeerRun.Measure;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The key-value store beside other stores for Java, over the same entries on the same disk; how to run it is in
 * docs/benchmarks. Prints a Markdown table of "best / median".
 *
 * <p>Each store runs in a process of its own, all stores by turns, as often as asked. A store whose entries cannot all be
 * read back ends the whole run with an error.
 */
public final class KvPeers {
    private static final String USAGE = """
            Usage: KvPeers [--entries N] [--value-bytes N] [--repeats N] [--seconds N] [--stores A,B,...] [--folder DIR]
            Stores:\s""";
    private static final String FIGURE = "figure ";
    private static final int PAGE_BYTES = 4_096;
    private static final double PROBE_SECONDS = 1;

    private KvPeers() {}

    /**
     * As the usage says; {@code --child STORE} measures one store once, here.
     *
     * @throws Exception if a store fails or loses an entry
     */
    public static void main(String[] arguments) throws Exception {
        int entries = 100_000;
        int valueBytes = 100;
        int repeats = 3;
        double seconds = 10;
        List<KvPeerKind> stores = List.of(KvPeerKind.values());
        Path folder = Path.of(System.getProperty("java.io.tmpdir"));
        KvPeerKind child = null;
        for (int i = 0; i < arguments.length; i += 2) {
            if (i + 1 == arguments.length) {
                throw usage();
            }
            String value = arguments[i + 1];
            switch (arguments[i]) {
                case "--entries" -> entries = Integer.parseInt(value);
                case "--value-bytes" -> valueBytes = Integer.parseInt(value);
                case "--repeats" -> repeats = Integer.parseInt(value);
                case "--seconds" -> seconds = Double.parseDouble(value);
                case "--stores" ->
                    stores = Stream.of(value.split(",", -1))
                            .map(KvPeerKind::byId)
                            .toList();
                case "--folder" -> folder = Path.of(value);
                case "--child" -> child = KvPeerKind.byId(value);
                default -> throw usage();
            }
        }
        if (child != null) {
            Map<Measure, Double> figures = KvPeerRun.measure(child, folder, entries, valueBytes, seconds);
            figures.forEach((measure, value) -> System.out.println(FIGURE + measure + " " + value));
            return;
        }
        List<Double> syncs = new ArrayList<>();
        Map<KvPeerKind, Map<Measure, List<Double>>> all = new EnumMap<>(KvPeerKind.class);
        for (int repeat = 1; repeat <= repeats; repeat++) {
            syncs.add(syncsPerSecond(folder));
            for (KvPeerKind store : stores) {
                System.err.printf(Locale.ROOT, "%s, %d of %d%n", store.title(), repeat, repeats);
                Path own = Files.createTempDirectory(folder, "kv-peers");
                try {
                    Map<Measure, List<Double>> figures = all.computeIfAbsent(store, k -> new EnumMap<>(Measure.class));
                    inProcess(store, own, entries, valueBytes, seconds)
                            .forEach((measure, value) -> figures.computeIfAbsent(measure, k -> new ArrayList<>())
                                    .add(value));
                } finally {
                    BenchParts.remove(own);
                }
            }
        }
        System.out.printf(
                Locale.ROOT,
                "%,d entries of %,d bytes, keys in random order; best / median of %d, all stores by turns. Puts that are each "
                        + "waited for: at most %.0f s of them.%nThe disk made %s syncs of 4 KB a second.%n%n",
                entries,
                valueBytes,
                repeats,
                seconds,
                syncs.stream().map(KvPeers::number).collect(Collectors.joining(", ")));
        print(System.out, all);
    }

    private static Map<Measure, Double> inProcess(
            KvPeerKind store, Path folder, int entries, int valueBytes, double seconds)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                // LMDB's binding reads the addresses of direct buffers.
                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED"));
        if (Runtime.version().feature() >= 24) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                KvPeers.class.getName(),
                "--child",
                store.id(),
                "--folder",
                folder.toString(),
                "--entries",
                Integer.toString(entries),
                "--value-bytes",
                Integer.toString(valueBytes),
                "--seconds",
                Double.toString(seconds)));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Map<Measure, Double> figures = new EnumMap<>(Measure.class);
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith(FIGURE)) {
                    String[] words = line.split(" ", -1);
                    figures.put(Measure.valueOf(words[1]), Double.parseDouble(words[2]));
                }
            }
        } finally {
            // Does nothing to one that has ended.
            process.destroy();
        }
        int code = process.waitFor();
        if (code != 0 || figures.isEmpty()) {
            throw new IllegalStateException("The benchmark is void: the process of " + store.title() + " ended with "
                    + code + ", expected 0 and figures; its error is above.");
        }
        return figures;
    }

    /** What the disk alone allows to a store that syncs each put; it varies with what others do. */
    private static double syncsPerSecond(Path folder) throws IOException {
        Path file = Files.createTempFile(folder, "kv-peers", ".sync");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            ByteBuffer page = ByteBuffer.allocate(PAGE_BYTES);
            long start = System.nanoTime();
            int made = 0;
            while (MetricsWriteBench.seconds(start) < PROBE_SECONDS) {
                // Over and over the same page, as a log that is begun anew: the file does not grow.
                channel.write(page.clear(), 0);
                channel.force(false);
                made++;
            }
            return made / MetricsWriteBench.seconds(start);
        } finally {
            Files.delete(file);
        }
    }

    private static void print(PrintStream out, Map<KvPeerKind, Map<Measure, List<Double>>> all) {
        StringBuilder table = new StringBuilder("| store | a put that has returned is |");
        StringBuilder rule = new StringBuilder("|---|---|");
        for (Measure measure : Measure.values()) {
            table.append(' ').append(measure.title()).append(" |");
            rule.append("---:|");
        }
        table.append('\n').append(rule).append('\n');
        all.forEach((store, figures) -> {
            table.append("| ")
                    .append(store.title())
                    .append(" | ")
                    .append(store.durability())
                    .append(" |");
            for (Measure measure : Measure.values()) {
                List<Double> values = figures.get(measure);
                table.append(' ')
                        .append(values == null ? "–" : cell(measure, values))
                        .append(" |");
            }
            table.append('\n');
        });
        out.print(table);
    }

    private static String cell(Measure measure, List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        double best = sorted.get(measure.lessIsBetter() ? 0 : sorted.size() - 1);
        // Of an even number the worse of the two in the middle.
        int middle = measure.lessIsBetter() ? sorted.size() / 2 : (sorted.size() - 1) / 2;
        return number(best) + " / " + number(sorted.get(middle));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value >= 100 ? "%,.0f" : "%.1f", value);
    }

    private static IllegalArgumentException usage() {
        return new IllegalArgumentException(
                USAGE + Stream.of(KvPeerKind.values()).map(KvPeerKind::id).toList());
    }
}
