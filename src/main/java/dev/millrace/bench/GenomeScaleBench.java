package dev.millrace.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What grows with the size of a corpus. */
final class GenomeScaleBench {
    private static final int INDEXED = 100_000;
    private static final int SHORT_CONTIG = 500;
    private static final int CONTIG = 5_000_000;
    private static final int BATCH = 32;

    private GenomeScaleBench() {}

    /** Room that windows take, by contig. */
    static List<Figure> index(Path folder, GenomeBench.Options options) throws IOException {
        Path store = SyntheticGenomes.store(folder.resolve("store.db"), INDEXED, SHORT_CONTIG, 1);
        long before = Files.size(store);
        SyntheticGenomes.windows(store, store);
        long added = Files.size(store) - before;
        Path table = SyntheticGenomes.windows(store, folder.resolve("windows.db"));
        return List.of(
                Figure.atMost(
                        "index_bytes_per_contig",
                        "window index of a store, per contig",
                        (double) added / INDEXED,
                        "bytes",
                        150),
                Figure.plain(
                        "window_db_bytes_per_window",
                        "window database of the original's layout, per window",
                        (double) Files.size(table) / INDEXED,
                        "bytes"));
    }

    /** A random window of ever larger stores. */
    static List<Figure> scale(Path folder, GenomeBench.Options options) throws IOException {
        List<Figure> figures = new ArrayList<>();
        double first = 0;
        double last = 0;
        for (int part = 16; part >= 1 && options.gigabases() > 0; part /= 4) {
            double gigabases = options.gigabases() / part;
            int contigs = (int) Math.max(1, gigabases * 1e9 / CONTIG);
            Path store = SyntheticGenomes.store(folder.resolve("store" + part + ".db"), contigs, CONTIG, part);
            SyntheticGenomes.windows(store, store);
            last = GenomeReadBench.measure(store, null, BATCH);
            first = first == 0 ? last : first;
            figures.add(Figure.plain(
                    "scale_us_" + part,
                    String.format(
                            java.util.Locale.ROOT, "a random window of a store of %.2f Gb, in batches", gigabases),
                    last,
                    "µs"));
            Files.delete(store);
        }
        if (!figures.isEmpty()) {
            figures.add(Figure.plain("scale_growth", "cost of a window at 16 times the size", last / first, "×"));
        }
        return figures;
    }
}
