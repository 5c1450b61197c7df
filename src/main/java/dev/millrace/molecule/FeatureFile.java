package dev.millrace.molecule;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.GZIPOutputStream;

/**
 * Features of many molecules as JSON lines: one object per input, in input order, whatever the number of threads.
 *
 * <p>{@code {"id","num_nodes","node_feat","edge_index","edge_feat"}} or {@code {"id","error"}}; {@code id} is left out where
 * the input has none. Without bonds {@code edge_index} is {@code [[],[]]} and {@code edge_feat} is {@code []}.
 */
public final class FeatureFile {
    private static final int CHUNK = 256;

    private FeatureFile() {}

    /**
     * What was written.
     *
     * @param inputs entries read, one output line each
     * @param refused those among them that are not molecules
     */
    public record Counts(long inputs, long refused) {}

    private record Chunk(ByteBuffer lines, int inputs, int refused) {}

    /**
     * Writes the features of every molecule of a source. The output appears under its name when it is complete.
     *
     * @param out target; gzip when the name ends in {@code .gz}
     * @param threads worker threads, at least 1; memory is a few hundred molecules for each
     * @throws IOException if the source cannot be read or the target not written
     */
    public static Counts write(FeatureSpec spec, MoleculeSource source, Path out, int threads) throws IOException {
        if (threads < 1) {
            throw new IllegalArgumentException("Threads: expected at least 1, found " + threads + ".");
        }
        Path partial = out.resolveSibling(out.getFileName() + ".partial");
        try {
            Counts counts;
            try (MoleculeSource.Entries entries = source.open();
                    OutputStream target = open(partial, out)) {
                counts = write(spec, entries, target, threads);
            }
            Files.move(partial, out, StandardCopyOption.REPLACE_EXISTING);
            return counts;
        } finally {
            // Not there any more unless something failed.
            Files.deleteIfExists(partial);
        }
    }

    private static OutputStream open(Path partial, Path out) throws IOException {
        OutputStream file = Files.newOutputStream(partial);
        boolean gzip = out.toString().toLowerCase(Locale.ROOT).endsWith(".gz");
        return new BufferedOutputStream(gzip ? new GZIPOutputStream(file, 1 << 16) : file, 1 << 16);
    }

    private static Counts write(FeatureSpec spec, MoleculeSource.Entries entries, OutputStream target, int threads)
            throws IOException {
        ExecutorService workers = Executors.newFixedThreadPool(threads, task -> {
            Thread thread = new Thread(task, "millrace-features");
            thread.setDaemon(true);
            return thread;
        });
        try {
            Deque<Future<Chunk>> running = new ArrayDeque<>();
            long inputs = 0;
            long refused = 0;
            boolean more = true;
            while (more || !running.isEmpty()) {
                while (more && running.size() < 2 * threads) {
                    List<MoleculeEntry> chunk = next(entries);
                    more = chunk.size() == CHUNK;
                    if (!chunk.isEmpty()) {
                        running.add(workers.submit(() -> featurize(spec, chunk)));
                    }
                }
                Future<Chunk> oldest = running.poll();
                if (oldest != null) {
                    Chunk done = finished(oldest);
                    target.write(done.lines().array(), 0, done.lines().limit());
                    inputs += done.inputs();
                    refused += done.refused();
                }
            }
            return new Counts(inputs, refused);
        } finally {
            workers.shutdownNow();
        }
    }

    private static List<MoleculeEntry> next(MoleculeSource.Entries entries) throws IOException {
        List<MoleculeEntry> chunk = new ArrayList<>(CHUNK);
        while (chunk.size() < CHUNK) {
            MoleculeEntry entry = entries.next();
            if (entry == null) {
                break;
            }
            chunk.add(entry);
        }
        return chunk;
    }

    private static Chunk finished(Future<Chunk> future) throws IOException {
        try {
            return future.get();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("Writing features was interrupted.");
        } catch (ExecutionException failed) {
            // A molecule that is none is a line of the output; whatever comes here is a fault of the program or the
            // machine.
            if (failed.getCause() instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException("Cannot compute features: " + failed.getCause(), failed.getCause());
        }
    }

    private static Chunk featurize(FeatureSpec spec, List<MoleculeEntry> entries) {
        StringBuilder text = new StringBuilder(CHUNK * 512);
        int refused = 0;
        for (MoleculeEntry entry : entries) {
            text.append('{');
            String id = entry.id();
            if (id != null) {
                text.append("\"id\":");
                appendString(text, id);
                text.append(',');
            }
            try {
                append(text, spec, entry.read(spec.keepsHydrogens()));
            } catch (MoleculeFormatException refusal) {
                refused++;
                text.append("\"error\":");
                appendString(text, String.valueOf(refusal.getMessage()));
            }
            text.append("}\n");
        }
        return new Chunk(ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8)), entries.size(), refused);
    }

    private static void append(StringBuilder text, FeatureSpec spec, Molecule molecule) {
        text.append("\"num_nodes\":").append(molecule.atomCount).append(",\"node_feat\":");
        appendRows(text, spec.nodeFeatures(molecule), molecule.atomCount, spec.nodeWidth());
        text.append(",\"edge_index\":[[");
        for (int bond = 0; bond < molecule.bondCount; bond++) {
            text.append(bond == 0 ? "" : ",")
                    .append(molecule.begin[bond])
                    .append(',')
                    .append(molecule.end[bond]);
        }
        text.append("],[");
        for (int bond = 0; bond < molecule.bondCount; bond++) {
            text.append(bond == 0 ? "" : ",")
                    .append(molecule.end[bond])
                    .append(',')
                    .append(molecule.begin[bond]);
        }
        text.append("]],\"edge_feat\":");
        appendRows(text, spec.edgeFeatures(molecule), 2 * molecule.bondCount, spec.edgeWidth());
    }

    private static void appendRows(StringBuilder text, byte[] features, int rows, int width) {
        text.append('[');
        for (int row = 0; row < rows; row++) {
            text.append(row == 0 ? "[" : ",[");
            for (int column = 0; column < width; column++) {
                if (column > 0) {
                    text.append(',');
                }
                text.append(features[row * width + column]);
            }
            text.append(']');
        }
        text.append(']');
    }

    private static void appendString(StringBuilder text, String value) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                text.append('\\').append(c);
            } else if (c < ' ' || Character.isSurrogate(c)) {
                text.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                text.append(c);
            }
        }
        text.append('"');
    }
}
