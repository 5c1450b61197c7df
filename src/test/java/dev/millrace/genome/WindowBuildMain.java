package dev.millrace.genome;

import dev.millrace.sqlite.Access;
import dev.millrace.sqlite.Database;
import dev.millrace.sqlite.Manifest;
import dev.millrace.sqlite.RowDigest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.util.List;
import java.util.Locale;

/**
 * A JVM that computes windows of many contigs, to be measured, given little memory, or killed.
 *
 * <pre>
 *   once  FILE CONTIGS LENGTH         windows of so many contigs once; prints counts, seconds and memory
 *   again FILE CONTIGS LENGTH         for ever, in turns with stride 100 and 50; prints a line before each
 *   store FILE CONTIGS LENGTH         makes a store that says it has such contigs, without their bases
 * </pre>
 */
final class WindowBuildMain {
    private WindowBuildMain() {}

    public static void main(String[] arguments) throws IOException {
        Path file = Path.of(arguments[1]);
        long contigs = Long.parseLong(arguments[2]);
        long length = Long.parseLong(arguments[3]);
        switch (arguments[0]) {
            case "once" -> {
                WindowIndexReport report = build(file, contigs, length, 100);
                System.out.printf(
                        Locale.ROOT,
                        "%d windows of %d contigs in %.2f s, %.0f windows/s, %s, %d bytes%n",
                        report.windows(),
                        report.contigs(),
                        report.seconds(),
                        report.windows() / report.seconds(),
                        peakMemory(),
                        Files.size(file));
            }
            case "again" -> {
                for (int i = 0; ; i++) {
                    System.out.println("next");
                    build(file, contigs, length, i % 2 == 0 ? 100 : 50);
                }
            }
            case "store" -> store(file, contigs, length);
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    static WindowIndexReport build(Path file, long contigs, long length, int stride) throws IOException {
        return new WindowIndexBuilder()
                .setGeometry(WindowGeometry.of(128, stride, 0))
                .setContigs(synthetic(contigs, length))
                .setOutput(file)
                .optForce(true)
                .build();
    }

    /** Contigs of one length; neighbours in the order of their names come far from each other. */
    static ContigLengths synthetic(long contigs, long length) {
        return new ContigLengths() {
            @Override
            public void forEach(Sink sink) throws IOException {
                for (long i = 0; i < contigs; i++) {
                    sink.add(name(i), length, i + 1);
                }
            }

            @Override
            public String description() {
                return contigs + " contigs";
            }
        };
    }

    private static String name(long number) {
        return "BCR__EXT-S" + number % 997 + "__CT1-" + number;
    }

    static void store(Path file, long contigs, long length) {
        StoreFile.of(file, List.of());
        try (Database store = Database.open(file, Access.AMEND)) {
            // Not through the importer: the bases of millions of contigs would have to be there.
            Manifest.amend(store, "Cannot add contigs", List.of("contigs"), connection -> {
                RowDigest digest = new RowDigest(GenomeSchema.CONTIGS);
                byte[] sha = new byte[32];
                try (PreparedStatement insert =
                        connection.prepareStatement("INSERT INTO contigs (seq_id, contig_id, sample_id, length,"
                                + " first_chunk, sha256, row_crc) VALUES (?, ?, ?, ?, ?, ?, ?)")) {
                    for (long i = 0; i < contigs; i++) {
                        String sample = "S" + i % 997;
                        insert.setLong(1, i + 1);
                        insert.setString(2, name(i));
                        insert.setString(3, sample);
                        insert.setLong(4, length);
                        insert.setLong(5, 1);
                        insert.setBytes(6, sha);
                        insert.setLong(7, digest.of(i + 1, name(i), sample, length, 1L, sha));
                        insert.executeUpdate();
                    }
                }
            });
        }
    }

    private static String peakMemory() throws IOException {
        Path status = Path.of("/proc/self/status");
        return Files.exists(status)
                ? Files.readAllLines(status).stream()
                        .filter(line -> line.startsWith("VmHWM"))
                        .findFirst()
                        .orElse("")
                        .replaceAll("\\s+", " ")
                : "";
    }
}
